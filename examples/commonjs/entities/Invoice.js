const { defineEntity, p } = require('@mikro-orm/core');

const InvoiceSchema = defineEntity({
  name: 'Invoice',
  properties: {
    id: p.integer().primary(),
    customer: p.string(),
    dueAt: p.datetime(),
    remindedAt: p.datetime().nullable(),
  },
});

class Invoice extends InvoiceSchema.class {}

InvoiceSchema.setClass(Invoice);

module.exports = { Invoice };
