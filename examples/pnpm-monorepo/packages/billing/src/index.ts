export { SendReminders } from './crons/SendReminders.js';
export { Invoice } from './entities/Invoice.js';
