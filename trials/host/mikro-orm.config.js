// JavaScript, so that Node loads what it imports by itself: a loader for TypeScript would make each start slower.
export { default } from './host.ts';
