import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { MikroORM, RequestContext } from '@mikro-orm/core';
import { getCronRunner } from 'mikro-orm-cron';
import config from '../mikro-orm.config.ts';
import { Visit } from './Visit.ts';

const orm = await MikroORM.init(config);
const runner = getCronRunner(orm);

const server = createServer((request, response) => {
  // As in any MikroORM server: one EntityManager a request. Jobs have forks of their own and see nothing of it.
  RequestContext.create(orm.em, () => {
    answer(request, response).catch(error => {
      console.error(error);
      response.writeHead(500).end();
    });
  });
});

async function answer({ method, url = '/' }: IncomingMessage, response: ServerResponse): Promise<void> {
  if (method === 'POST' && url === '/run') {
    const { jobs } = await runner.run({ jobs: ['CountVisits'], force: true });
    response.end(
      JSON.stringify(jobs.map(({ job, outcome, log }) => ({ job: job.code, outcome, message: log?.message }))),
    );
  } else {
    orm.em.create(Visit, { path: url });
    await orm.em.flush();
    response.end(`visit of ${url} noted`);
  }
}

// The embedded loop, for a host that has no crontab: a tick every minute within this process.
runner.start();

server.listen(Number(process.env['PORT'] ?? 3000), () => {
  console.log(`listening on ${JSON.stringify(server.address())}`);
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    server.close();
    // Running jobs may finish; then their rows are written and their locks given back.
    void runner
      .stop()
      .then(async () => orm.close())
      .then(() => console.log('stopped'));
  });
}
