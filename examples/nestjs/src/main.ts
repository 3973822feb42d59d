import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './AppModule.js';

const app = await NestFactory.createApplicationContext(AppModule);
app.enableShutdownHooks();
