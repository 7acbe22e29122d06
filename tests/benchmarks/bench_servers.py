"""What a web server and a framework cost before any model answers: a constant, read and written.

    apt-get install wrk; pip install uv
    PYTHONPATH=tests python tests/benchmarks/bench_servers.py FOLDER [--seconds 5] [--rounds 3]

Each decodes one row of eight numbers and answers with a constant, in one process. FOLDER gets one
environment for all of them, made once.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bench_serving import Contender, compare, environment

APPS = """\
import msgspec
from litestar import Litestar, post
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

Row = msgspec.defstruct("Row", [(f"x{i}", float) for i in range(8)])
DECODER = msgspec.json.Decoder(Row)
ANSWER = {"model": "bench", "version": "v1.0.0", "prediction": 0.5}
JSON = (b"content-type", b"application/json")


async def predict(request):
    DECODER.decode(await request.body())
    return Response(msgspec.json.encode(ANSWER), media_type="application/json")


class Raw:
    async def __call__(self, scope, receive, send):
        message = await receive()
        DECODER.decode(message["body"])
        out = msgspec.json.encode(ANSWER)
        headers = [JSON, (b"content-length", str(len(out)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": out})


starlette = Starlette(routes=[Route("/predict", predict, methods=["POST"])])
endpoint = Starlette(routes=[Route("/predict", Raw(), methods=["POST"])])


@post("/predict", status_code=200)
async def handled(data: Row) -> dict:
    return ANSWER


litestar = Litestar([handled])


async def rsgi(scope, protocol):
    DECODER.decode(await protocol())
    headers = [("content-type", "application/json")]
    protocol.response_bytes(200, headers, msgspec.json.encode(ANSWER))
"""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    folder = asked.folder.resolve() / "constants"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "apps.py").write_text(APPS)
    programs = environment(asked.folder.resolve(), "servers")
    uvicorn = [
        str(programs / "uvicorn"),
        "--port",
        "PORT",
        "--log-level",
        "warning",
        "--no-access-log",
    ]
    quick = [*uvicorn, "--loop", "uvloop", "--http", "httptools"]
    granian = [
        str(programs / "granian"),
        "--port",
        "PORT",
        "--log-level",
        "warning",
        "--loop",
        "uvloop",
    ]
    commands = {
        "Starlette, uvicorn h11": [
            *uvicorn,
            "--loop",
            "asyncio",
            "--http",
            "h11",
            "apps:starlette",
        ],
        "Starlette, uvicorn uvloop": [*quick, "apps:starlette"],
        "Starlette route, plain ASGI": [*quick, "apps:endpoint"],
        "Litestar, uvicorn uvloop": [*quick, "apps:litestar"],
        "Starlette, Granian": [*granian, "--interface", "asgi", "apps:starlette"],
        "RSGI, Granian": [*granian, "--interface", "rsgi", "apps:rsgi"],
    }
    contenders = [Contender(name, command, folder) for name, command in commands.items()]
    compare(contenders, asked.seconds, asked.rounds)


if __name__ == "__main__":
    main()
