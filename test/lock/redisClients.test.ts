import { createClient, createClientPool, createCluster, createSentinel } from 'redis';
import { describe, expect, it } from 'vitest';
import { redisCache } from '../../src/index.ts';

const node = { host: '127.0.0.1', port: 1 };

describe('redisCache()', () => {
  it.each([
    ['cluster', createCluster({ rootNodes: [{ socket: node }] })],
    ['sentinel', createSentinel({ name: 'main', sentinelRootNodes: [node] })],
  ])('refuses a %s of node-redis, whose commands go elsewhere', (kind, client) => {
    expect(() => redisCache(client as never)).toThrow(
      `redisCache(): a ${kind} of node-redis cannot be used, since its sendCommand() takes other arguments; give it a client of ioredis, or one of node-redis to the master`,
    );
  });

  it.each([
    ['client', createClient()],
    ['pool', createClientPool()],
  ])('takes a %s of node-redis', (_, client) => {
    expect(() => redisCache(client as never)).not.toThrow();
  });
});
