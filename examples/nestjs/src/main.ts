import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './AppModule.js';
import { CronLoop } from './CronLoop.js';

// An HTTP application starts the loop in the same way, after `app.listen()`.
const app = await NestFactory.createApplicationContext(AppModule);
app.enableShutdownHooks();
app.get(CronLoop).start();
