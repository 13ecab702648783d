"""Executes a notebook from a fresh kernel and prints what happens as JSON, one object per line.

Usage: execute_notebook.py NOTEBOOK RESULT
The executed notebook is written to RESULT. Lines: {"cell", "cells"} when a code cell begins (counted from 1), and last
{"problem", "cell"?, "text"?} with the kind `error`, `stderr` or `kernel`, or {"done": true}. Made for scripts/notebooks.ts.
"""

import json
import sys

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError


def say(**facts):
    print(json.dumps(facts), flush=True)


def stderr_of(cell):
    return "".join(o.text for o in cell.outputs if o.output_type == "stream" and o.name == "stderr")


def main(path, result):
    notebook = nbformat.read(path, as_version=4)
    code = [(i, cell) for i, cell in enumerate(notebook.cells) if cell.cell_type == "code" and cell.source.strip()]
    replies = {}
    client = NotebookClient(
        notebook,
        kernel_name=notebook.metadata.kernelspec.name,
        timeout=None,
        # tslab's failed replies have no name and no traceback for nbclient to raise; they are looked at here.
        allow_errors=True,
        record_timing=False,
        coalesce_streams=True,
        on_cell_executed=lambda cell_index, execute_reply, **_: replies.update({cell_index: execute_reply}),
    )
    with client.setup_kernel():
        for number, (i, cell) in enumerate(code, start=1):
            say(cell=number, cells=len(code))
            client.execute_cell(cell, i, execution_count=number)
            text = stderr_of(cell)
            if replies[i]["content"]["status"] != "ok":
                return say(problem="error", cell=number, text=text)
            if text:
                return say(problem="stderr", cell=number, text=text)
    nbformat.write(notebook, result)
    say(done=True)


try:
    main(*sys.argv[1:])
except DeadKernelError:
    say(problem="kernel", text="the kernel died")
