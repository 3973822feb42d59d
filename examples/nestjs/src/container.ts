import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './AppModule.js';

/** The application without its server, for commands. */
export const container = await NestFactory.createApplicationContext(AppModule, { logger: ['error', 'warn'] });
