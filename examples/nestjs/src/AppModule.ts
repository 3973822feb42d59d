import { MikroOrmModule } from '@mikro-orm/nestjs';
import { Module } from '@nestjs/common';
import { CronModule } from 'mikro-orm-cron/nestjs';
import { Greeter } from './Greeter.js';
import config from './mikro-orm.config.js';
import { SendGreetings } from './SendGreetings.js';

// A worker without a server starts its loop at bootstrap; an HTTP application leaves `start` out.
@Module({
  imports: [MikroOrmModule.forRoot(config), CronModule.forRoot({ start: 'bootstrap' })],
  providers: [Greeter, SendGreetings],
})
export class AppModule {}
