import { MikroOrmModule } from '@mikro-orm/nestjs';
import { Module } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { CronLoop } from './CronLoop.js';
import { Greeter } from './Greeter.js';
import { ormOptions } from './ormOptions.js';
import { SendGreetings } from './SendGreetings.js';

@Module({
  imports: [
    MikroOrmModule.forRootAsync({
      inject: [ModuleRef],
      useFactory: (moduleRef: ModuleRef) => ormOptions(JobClass => moduleRef.get(JobClass, { strict: false })),
    }),
  ],
  providers: [Greeter, SendGreetings, CronLoop],
})
export class AppModule {}
