import { defineEntity, p } from '@mikro-orm/core';

const VisitSchema = defineEntity({
  name: 'Visit',
  properties: {
    id: p.integer().primary(),
    path: p.string(),
    isCounted: p.boolean().default(false),
  },
});

export class Visit extends VisitSchema.class {}

VisitSchema.setClass(Visit);
