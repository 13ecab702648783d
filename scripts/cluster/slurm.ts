import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { InputError } from '../../src/common/errors.js';

/** The commands of Debian's packages, and the folders where they are. */
const COMMANDS = ['slurmctld', 'slurmd', 'munged', 'sbatch', 'squeue', 'sinfo', 'setpriv', 'mount', 'unshare'];
const PATH = `${process.env.PATH}:/usr/sbin:/sbin`;

/** Where Slurm looks for its configuration. */
const CONFIG_FOLDER = '/etc/slurm';

const MOST_WAITED_MILLISECONDS = 60_000;

/** A job that runs. */
export interface SlurmJob {
  readonly id: string;
  readonly node: string;
  /** What the job is of, in the words of Snakemake. */
  readonly comment: string;
}

/**
 * A Slurm of several nodes on this machine. It is to be started in a mount and process namespace of its own: then nothing of it
 * is left when that ends, however it ends.
 */
export class Slurm {
  private constructor(
    private readonly folder: string,
    private readonly nodes: readonly string[],
  ) {}

  /**
   * @throws InputError if this machine lacks what is needed
   */
  static requireInstalled(): void {
    if (process.platform !== 'linux' || process.getuid?.() !== 0)
      throw new InputError('Cannot start Slurm: Linux is needed, and the right to mount: be root');
    const missing = COMMANDS.filter((name) => spawnSync('which', [name], { env: { PATH } }).status !== 0);
    if (missing.length > 0)
      throw new InputError(
        `Cannot start Slurm: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing; on Debian, apt-get install --no-install-recommends slurmctld slurmd slurm-client munge`,
      );
  }

  /**
   * Starts the controller and the nodes, and waits until they are idle.
   *
   * @param folder - where it keeps everything
   * @param memoryMegabytes - of each node, which has one core
   */
  static async start(
    folder: string,
    { nodes, memoryMegabytes }: { nodes: number; memoryMegabytes: number },
  ): Promise<Slurm> {
    const names = Array.from({ length: nodes }, (_, i) => `n${i + 1}`);
    const slurm = new Slurm(folder, names);
    mkdirSync(folder, { recursive: true });
    slurm.startMunge();
    const [controller, ...ports] = await freePorts(nodes + 1);
    writeFileSync(
      join(folder, 'slurm.conf'),
      `${configuration(folder, controller)}${names
        .map(
          (name, i) =>
            `NodeName=${name} NodeHostname=${hostname()} NodeAddr=127.0.0.1 Port=${ports[i]} CPUs=1 RealMemory=${memoryMegabytes}\n`,
        )
        .join('')}PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE\n`,
    );
    run('mount', '--bind', folder, CONFIG_FOLDER);
    slurm.startController();
    for (const name of names) slurm.startNode(name);
    await slurm.untilIdle();
    return slurm;
  }

  /** Starts the daemon of a node. */
  startNode(name: string): void {
    mkdirSync(join(this.folder, `spool-${name}`), { recursive: true });
    run('slurmd', '-N', name);
  }

  startController(): void {
    run('slurmctld');
  }

  /** Ends the controller as a failure would: without a word. */
  killController(): void {
    this.killDaemon('slurmctld');
  }

  /** Ends a node and all that runs on it, as if its power were cut. */
  killNode({ node, id }: SlurmJob): void {
    this.killDaemon(node);
    const all = processes();
    const steps = all.filter(({ args }) => args.startsWith(`slurmstepd: [${id}.`)).map(({ pid }) => pid);
    for (const pid of steps.flatMap((step) => [step, ...descendants(step, all)])) kill(pid);
  }

  /** The jobs that run now. */
  runningJobs(): SlurmJob[] {
    return run('squeue', '--noheader', '--states=running', '--format=%i|%N|%k')
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split('|'))
      .map(([id, node, comment]) => ({ id, node, comment }));
  }

  private idleNodes(): string[] {
    return run('sinfo', '--noheader', '--Node', '--states=idle', '--format=%N').split('\n').filter(Boolean);
  }

  /** Brings nodes that were killed back to work, and waits until all are idle. */
  async reviveAll(): Promise<void> {
    for (const node of this.nodes) if (!existsSync(this.pidFile(node))) this.startNode(node);
    await this.untilIdle();
  }

  private untilIdle(): Promise<void> {
    return until(() => this.idleNodes().length === this.nodes.length, 'the nodes of Slurm are idle');
  }

  private pidFile(daemon: string): string {
    return join(this.folder, `${daemon}.pid`);
  }

  private startMunge(): void {
    const folder = join(this.folder, 'munge');
    mkdirSync(folder);
    writeFileSync(join(folder, 'key'), randomBytes(1024), { mode: 0o600 });
    run('chown', '--recursive', 'munge', folder);
    const files = { 'key-file': 'key', socket: 'socket', 'pid-file': 'pid', 'log-file': 'log', 'seed-file': 'seed' };
    const options = Object.entries(files).map(([option, name]) => `--${option}=${join(folder, name)}`);
    run('setpriv', '--reuid=munge', '--regid=munge', '--clear-groups', 'munged', ...options);
  }

  private killDaemon(daemon: string): void {
    const path = this.pidFile(daemon);
    process.kill(Number(readFileSync(path, 'utf8')), 'SIGKILL');
    rmSync(path);
  }
}

/** What any small cluster has, but for control groups: memory is watched every second instead. */
function configuration(folder: string, port: number): string {
  return `ClusterName=test
SlurmctldHost=${hostname()}(127.0.0.1)
SlurmctldPort=${port}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=${folder}/munge/socket
CredType=cred/munge
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool-%n
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/%n.pid
SlurmctldLogFile=${folder}/slurmctld.log
SlurmdLogFile=${folder}/slurmd-%n.log
SlurmdTimeout=10
ReturnToService=2
MailProg=/bin/true
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/none
`;
}

function run(command: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, PATH },
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${error ?? stderr}`);
  return stdout;
}

/** Ports of the loopback interface that nobody uses. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  return Promise.all(
    servers.map(async (server) => {
      const { port } = server.address() as { port: number };
      await new Promise((resolve) => server.close(resolve));
      return port;
    }),
  );
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly args: string;
}

function processes(): Process[] {
  return run('ps', '-eo', 'pid=,ppid=,args=')
    .split('\n')
    .filter(Boolean)
    .map((line) => line.match(/^\s*(\d+)\s+(\d+)\s+(.*)$/)!)
    .map(([, pid, parent, args]) => ({ pid: Number(pid), parent: Number(parent), args }));
}

function descendants(pid: number, all: readonly Process[]): number[] {
  const children = all.filter(({ parent }) => parent === pid);
  return children.flatMap((child) => [child.pid, ...descendants(child.pid, all)]);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** Waits until something holds. */
export async function until(
  holds: () => boolean,
  what: string,
  milliseconds = MOST_WAITED_MILLISECONDS,
): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`Waited ${milliseconds / 1000} s in vain until ${what}`);
    await setTimeout(200);
  }
}
