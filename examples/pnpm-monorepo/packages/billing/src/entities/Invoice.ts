import { defineEntity, p } from '@mikro-orm/core';

const InvoiceSchema = defineEntity({
  name: 'Invoice',
  properties: {
    id: p.integer().primary(),
    customer: p.string(),
    dueAt: p.datetime(),
    remindedAt: p.datetime().nullable(),
  },
});

export class Invoice extends InvoiceSchema.class {}

InvoiceSchema.setClass(Invoice);
