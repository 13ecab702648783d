"""Does with the project's kernel what VS Code's Jupyter extension does, and prints what came back as JSON.

The extension finds the kernel where Jupyter looks for them in a Python environment, starts it itself in the notebook's folder
with a connection file (no Jupyter server), and talks to it over ZeroMQ: https://jupyter-client.readthedocs.io/en/stable/messaging.html

Usage: kernel_client.py NAME FOLDER
"""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from queue import Empty

from jupyter_client import BlockingKernelClient
from jupyter_client.connect import write_connection_file
from jupyter_client.kernelspec import KernelSpecManager

SECONDS = 120


def exchange(client, send, answer=lambda: None):
    """The reply to a request, and all that is published until the kernel is idle again."""
    request = send()
    answer()
    published = []
    while True:
        message = client.get_iopub_msg(timeout=SECONDS)
        if message["parent_header"].get("msg_id") != request:
            continue
        published.append({"type": message["msg_type"], **message["content"]})
        if message["content"].get("execution_state") == "idle":
            break
    reply = client.get_shell_msg(timeout=SECONDS)
    while reply["parent_header"].get("msg_id") != request:
        reply = client.get_shell_msg(timeout=SECONDS)
    return {"type": reply["msg_type"], "content": reply["content"], "published": published}


def wait_until_ready(client):
    """Asks until the kernel answers and what it publishes arrives, as the extension does."""
    for _ in range(SECONDS):
        client.kernel_info()
        try:
            client.get_shell_msg(timeout=1)
            client.get_iopub_msg(timeout=1)
            return
        except Empty:
            continue
    raise TimeoutError("the kernel does not answer")


def session(kernel, client):
    def execute(code, answer=lambda: None):
        return exchange(client, lambda: client.execute(code), answer)

    def interrupt():
        time.sleep(1)
        kernel.send_signal(signal.SIGINT)

    wait_until_ready(client)
    def later(code):
        # tslab drops the cells that wait behind a failed one, and so those that come within 0.2 s.
        time.sleep(1)
        return execute(code)

    results = {
        "info": exchange(client, client.kernel_info),
        "text": execute("const answer: number = 42;\nconsole.log(answer, process.cwd());"),
        "figure": execute(
            "import { show } from './src/pages/show.js';\n"
            "const figure = { data: [{ y: [1, 3, 2] }], layout: { title: { text: 'Three values' } } };\n"
            "await show(figure);\nawait show(figure, { as: 'picture' });"
        ),
        "table": execute("import { showTable } from './src/pages/show.js';\nshowTable([{ emotion: 'anger', clips: 127 }]);"),
        "error": execute("throw new Error('as expected');"),
        "complete": exchange(client, lambda: client.complete("answ", 4)),
        "incomplete": exchange(client, lambda: client.is_complete("for (;;) {")),
        "interrupted": execute("await new Promise(() => {});", interrupt),
        "after": later("console.log(answer + 1);"),
    }
    client.shutdown()
    return {**results, "exitCode": kernel.wait(timeout=SECONDS)}


def main(name, folder):
    listing = [sys.executable, "-m", "jupyter", "kernelspec", "list", "--json"]
    listed = subprocess.run(listing, capture_output=True, check=True)
    file, _ = write_connection_file(key=secrets.token_hex().encode())
    argv = KernelSpecManager().get_kernel_spec(name).argv
    kernel = subprocess.Popen([part.replace("{connection_file}", file) for part in argv], cwd=folder, stdout=subprocess.DEVNULL)
    client = BlockingKernelClient(connection_file=file)
    client.load_connection_file()
    client.start_channels()
    try:
        results = session(kernel, client)
    finally:
        client.stop_channels()
        kernel.kill()
        os.remove(file)
    print(json.dumps({"specs": json.loads(listed.stdout)["kernelspecs"], **results}))


main(*sys.argv[1:])
