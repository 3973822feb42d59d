import { Migration } from '@mikro-orm/migrations';

/** The demo's own table, with two people who wait to be welcomed. */
export class Migration20260101000000_demo extends Migration {
  override up(): void {
    this.addSql(
      `create table "demo_signup" ("id" serial primary key, "email" varchar(255) not null, "welcomed_at" timestamptz(3) null);`,
    );
    this.addSql(`insert into "demo_signup" ("email") values ('ada@example.com'), ('grace@example.com');`);
  }

  override down(): void {
    this.addSql(`drop table "demo_signup";`);
  }
}
