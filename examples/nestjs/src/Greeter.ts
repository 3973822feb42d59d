import { Injectable } from '@nestjs/common';

/** A service like any other of the application. */
@Injectable()
export class Greeter {
  greet(hour: number): string {
    return hour < 12 ? 'good morning' : 'good day';
  }
}
