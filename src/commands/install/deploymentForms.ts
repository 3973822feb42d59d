import { dirname } from 'node:path';
import type { DeploymentForm } from './InstallCommand.ts';
import {
  composeText,
  crontabCommand,
  kubernetesWord,
  shellWord,
  systemdCommand,
  systemdDirectory,
  systemdText,
} from './quoteWords.ts';

/** The parts of the command line that a machine calls. All paths are absolute, without control characters. */
export interface Deployment {
  /** The Node executable. */
  readonly node: string;
  /** The program `mikro-orm-cron`. */
  readonly program: string;
  /** The host's directory. */
  readonly directory: string;
  /** A file of environment variables; `undefined` when the host has none. */
  readonly envFile: string | undefined;
  /** Options that find the host's config, as they were given. */
  readonly options: readonly string[];
  /** Name of the user to run as. */
  readonly user: string;
  /** Seconds a job has to settle. */
  readonly graceSeconds: number;
}

/** Each form as text, ready to be pasted. */
export const deploymentForms: Record<DeploymentForm, (host: Deployment) => string> = {
  crontab: host => `# crontab -e${environmentNote(host, '#')}
PATH=${[...new Set([dirname(host.node), '/usr/local/bin', '/usr/bin', '/bin'])].join(':')}
*/5 * * * * ${crontabCommand(`cd ${shellWord(host.directory)} && ${shellLine(command(host))}`)}
`,

  systemd: host => `# /etc/systemd/system/app-cron.service
# One tick at a time: a slow job holds up the others. Give it a service and timer of its own (runcrons ThatJob), a
# timeoutSeconds, or raise the setting concurrency.
[Unit]
Description=Scheduled jobs of ${systemdDirectory(host.directory)}
After=network-online.target
Wants=network-online.target

[Service]
Type=oneshot
User=${systemdText(host.user)}
WorkingDirectory=${systemdDirectory(host.directory)}${environmentNote(host, '#')}
ExecStart=${systemdCommand(command(host))}
TimeoutStopSec=${stopSeconds(host)}

# /etc/systemd/system/app-cron.timer
[Unit]
Description=Calls app-cron.service every 5 minutes

[Timer]
OnCalendar=*:0/5
AccuracySec=1s

[Install]
WantedBy=timers.target

# then: systemctl daemon-reload && systemctl enable --now app-cron.timer
`,

  kubernetes:
    host => `# kubectl apply -f cron.yaml; put in your image, its paths, and the environment that your config reads
apiVersion: batch/v1
kind: CronJob
metadata:
  name: app-cron
spec:
  schedule: "*/5 * * * *"
  # Ticks may overlap: a long job holds up no other, and its lock keeps it from running twice.
  concurrencyPolicy: Allow
  successfulJobsHistoryLimit: 1
  jobTemplate:
    spec:
      backoffLimit: 0
      template:
        spec:
          restartPolicy: Never
          terminationGracePeriodSeconds: ${stopSeconds(host)}
          containers:
            - name: cron
              image: YOUR_IMAGE
              workingDir: ${JSON.stringify(host.directory)}
              command: [${command(inContainer(host)).map(kubernetesWord).join(', ')}]
              envFrom:
                - secretRef:
                    name: YOUR_SECRET
`,

  docker: host => `# compose.yaml; put in your image, its paths, and the environment that your config reads
services:
  cron:
    image: YOUR_IMAGE
    working_dir: ${composeText(host.directory)}
    command: [${loop(inContainer(host)).map(composeText).join(', ')}]
    env_file:
      - path: ${composeText(host.envFile ?? '.env')}
        required: false
    restart: unless-stopped
    stop_grace_period: ${stopSeconds(host)}s

# or one tick from the machine's own crontab:
# */5 * * * * ${crontabCommand(dockerRun(host))}
`,
};

function command(host: Deployment): string[] {
  return [...program(host), 'runcrons', ...host.options, '--silent'];
}

function loop(host: Deployment): string[] {
  return [...program(host), 'cronloop', ...host.options];
}

function dockerRun(host: Deployment): string {
  const options = ['--rm', '--env-file', host.envFile ?? '.env', '-w', host.directory];
  return shellLine(['docker', 'run', ...options, 'YOUR_IMAGE', ...command(inContainer(host))]);
}

/** An image has a Node of its own, wherever that is, and its environment from outside. */
function inContainer(host: Deployment): Deployment {
  return { ...host, node: 'node', envFile: undefined };
}

function shellLine(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

function program({ node, envFile, program: path }: Deployment): string[] {
  return [node, ...(envFile === undefined ? [] : [`--env-file=${envFile}`]), path];
}

/** Aborted jobs have the grace twice: to finish, and to settle once aborted. */
function stopSeconds({ graceSeconds }: Deployment): number {
  return Math.ceil(graceSeconds * 2) + 10;
}

function environmentNote({ envFile }: Deployment, comment: string): string {
  return envFile === undefined
    ? `\n${comment} There is no .env file in the host's directory: what your config reads from the environment must be set here.`
    : '';
}
