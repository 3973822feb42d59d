import { defineEntity, p } from '@mikro-orm/core';

export const InvoiceSchema = defineEntity({
  name: 'Invoice',
  properties: {
    id: p.integer().primary(),
    dueAt: p.datetime(),
    remindedAt: p.datetime().nullable(),
  },
});

export class Invoice extends InvoiceSchema.class {}
InvoiceSchema.setClass(Invoice);
