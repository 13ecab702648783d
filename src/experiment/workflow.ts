import { join, relative, resolve } from 'node:path';
import type { BackendName } from '../backend/info.js';
import { FEATURE_CACHE_VARIABLE, featureCacheDirectory } from '../common/cache-directory.js';
import { writeFile, writeJson } from '../common/files.js';
import { quoted } from '../common/text.js';
import { RUN_FILES } from '../run/folder.js';
import { CELL_LOG, LESS_MEMORY, SER_COMMAND } from './carry-out.js';
import { CELLS_FOLDER, type Cell } from './cells.js';
import { REPORT_FILES } from './write.js';

/** The rule that carries the cells out, and makes no tables of them. */
export const CELLS_RULE = 'cells';

/** The files of a workflow, in the experiment's folder. */
export const WORKFLOW_FILES = { snakefile: 'Snakefile', config: 'workflow.json' } as const;

/**
 * How Snakemake has to take the workflow: a file that is there is complete and stays, whatever its inputs and code have become;
 * a job that fails is tried twice more, since a node may have died, or memory been too little, and ends no other.
 */
export const WORKFLOW_FLAGS: readonly string[] = [
  ...['--rerun-triggers', 'mtime'],
  ...['--ignore-incomplete', '--keep-incomplete', '--keep-going', '--retries', '2'],
];

/** A shard has at least so many clips, unless there are fewer: starting a process would take longer than they do. */
const SHARD_CLIPS = 500;

/** What jobs may use at first; one that is killed for memory has twice as much the next time, and then three times. */
const MEGABYTES = { features_mb: 1000, cell_mb: 1500 };

export interface WorkflowOptions {
  /** The experiment's folder. */
  readonly directory: string;
  /** The folder of all experiments, in which Snakemake works. */
  readonly out: string;
  /** The plan's file. */
  readonly plan: string;
  /** Where corpora are on this machine, by the plan's names of them. */
  readonly data?: Readonly<Record<string, string>>;
  /** Of each job. */
  readonly threads: number;
  readonly backend: 'auto' | BackendName;
  /** How many jobs run at a time, and so how many shards are of use; unknown unless given. */
  readonly jobs?: number;
}

/** Writes an experiment as a workflow of Snakemake, to be run in the folder of all experiments; returns the Snakefile's path. */
export function writeWorkflow(cells: readonly Cell[], { directory, out, ...options }: WorkflowOptions): string {
  const { plan, data = {}, threads, backend, jobs = Number.POSITIVE_INFINITY } = options;
  const nameOf = (cell: Cell) => relative(join(out, CELLS_FOLDER), cell.directory);
  writeJson(join(directory, WORKFLOW_FILES.config), {
    ser: SER_COMMAND.map(quoted).join(' '),
    plan: resolve(plan),
    data: Object.fromEntries(Object.entries(data).map(([name, place]) => [name, resolve(place)])),
    cache: resolve(featureCacheDirectory()),
    backend,
    threads,
    ...MEGABYTES,
    extractions: Object.fromEntries(
      cells.map((cell) => [
        cell.extraction,
        {
          run: relative(out, cell.directory),
          shards: Math.max(1, Math.min(jobs, Math.floor(cell.clips / SHARD_CLIPS))),
        },
      ]),
    ),
    cells: Object.fromEntries(cells.map((cell) => [nameOf(cell), cell.extraction])),
  });
  const path = join(directory, WORKFLOW_FILES.snakefile);
  writeFile(path, snakefile(relative(out, directory)));
  return path;
}

/** The rules, which are the same for every experiment but for the name of its folder. */
function snakefile(name: string): string {
  return `# An experiment as a workflow of Snakemake, written by \`ser experiment --engine snakemake\`. By itself, it runs in the folder above:
#
#   snakemake --snakefile ${quoted(`${name}/${WORKFLOW_FILES.snakefile}`)} ${WORKFLOW_FLAGS.join(' ')} --cores 2
#
# Of a cell's folder, Snakemake knows ${RUN_FILES.metrics} alone, which is written last: a cell that is finished is not computed again, and
# one that was interrupted goes on after its last epoch.
import os
from shlex import quote

NAME = ${JSON.stringify(name)}


configfile: f"{NAME}/${WORKFLOW_FILES.config}"


# Where shards put what cells read.
os.environ["${FEATURE_CACHE_VARIABLE}"] = config["cache"]
# What is no longer used is given back to the system.
os.environ.update(${JSON.stringify(LESS_MEMORY)})
# Another number of threads would round differently.
SER = "TF_NUM_INTRAOP_THREADS={threads} TF_NUM_INTEROP_THREADS={threads} {config[ser]}"
CELLS = expand("${CELLS_FOLDER}/{cell}/${RUN_FILES.metrics}", cell=config["cells"])
DATA = " ".join("--data " + quote(f"{corpus}={path}") for corpus, path in config["data"].items())


def shards_of(wildcards):
    if os.path.exists(f"${CELLS_FOLDER}/{wildcards.cell}/${RUN_FILES.metrics}"):
        return []
    extraction = config["cells"][wildcards.cell]
    shards = config["extractions"][extraction]["shards"]
    return [f"{NAME}/shards/{extraction}/{shard}-of-{shards}" for shard in range(1, shards + 1)]


localrules:
    all,
    ${CELLS_RULE},
    tables,


rule all:
    input:
        CELLS,
        f"{NAME}/${REPORT_FILES.csv}",


rule ${CELLS_RULE}:
    input:
        CELLS,


# A share of the features and vectors that some cells read, into the cache.
rule features:
    output:
        touch(f"{NAME}/shards/{{extraction}}/{{shard}}-of-{{shards}}"),
    params:
        run=lambda wildcards: config["extractions"][wildcards.extraction]["run"],
    threads: config["threads"]
    resources:
        mem_mb=lambda wildcards, attempt: config["features_mb"] * attempt,
    shell:
        SER + " features --for {params.run} --shard {wildcards.shard}/{wildcards.shards}"
        " --backend {config[backend]} --workers {threads}"


# One configuration with one seed on one task.
rule cell:
    input:
        shards_of,
    output:
        "${CELLS_FOLDER}/{cell}/${RUN_FILES.metrics}",
    params:
        folder="${CELLS_FOLDER}/{cell}",
    threads: config["threads"]
    resources:
        mem_mb=lambda wildcards, attempt: config["cell_mb"] * attempt,
    shell:
        SER + " run --resume {params.folder} --backend {config[backend]} --workers {threads}"
        " >> {params.folder}/${CELL_LOG} 2>&1"
        # Where only a volume is shared, Snakemake keeps a copy in its storage.
        " && {{ test {params.folder}/${RUN_FILES.metrics} -ef {output} || cp {params.folder}/${RUN_FILES.metrics} {output}; }}"


rule tables:
    input:
        CELLS,
    output:
        f"{NAME}/${REPORT_FILES.csv}",
    shell:
        "{config[ser]} experiment {config[plan]:q} --out . {DATA} --tables"
`;
}
