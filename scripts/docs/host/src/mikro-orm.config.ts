import { defineConfig } from '@mikro-orm/postgresql';

export default defineConfig({ entities: [] });
