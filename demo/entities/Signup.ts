import { defineEntity, p } from '@mikro-orm/core';

/** Somebody who signed up and waits for a word of welcome. */
export const SignupSchema = defineEntity({
  name: 'Signup',
  tableName: 'demo_signup',
  properties: {
    id: p.integer().primary(),
    email: p.string(),
    welcomedAt: p.datetime(3).nullable(),
  },
});

export class Signup extends SignupSchema.class {}

SignupSchema.setClass(Signup);
