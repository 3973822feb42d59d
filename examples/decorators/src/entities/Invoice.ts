import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/es';

@Entity()
export class Invoice {
  @PrimaryKey({ type: 'integer' })
  id!: number;

  @Property({ type: 'string' })
  customer!: string;

  @Property({ type: 'datetime' })
  dueAt!: Date;

  @Property({ type: 'datetime', nullable: true })
  remindedAt: Date | null = null;
}
