"""`python -m demo.serve`: keep the demo's world up on 127.0.0.1:8088, for any client, until Ctrl-C.

Law: it is the demo's world, so the date is pinned and every provider but the local model is simulated; it says so.
"""

import argparse
import sys
from collections.abc import Mapping

from demo.acts import callers
from demo.children import Child, ChildError, Children
from demo.house import House, alone, make_keys, open_gateway, open_house
from demo.scenes import organisations
from demo.show import Stage
from demo.world import DATE, LOCAL, ROOT, STANDS, WORDS, World

PORT = 8088
FOLDER = ROOT / ".ecluse" / "serve"
ENVIRONMENT = ROOT / ".ecluse" / "demo.env"
FIRST = "region-mail"
CONSOLE = 2
"""How far the console's port stands from the gateway's."""


def guide(base: str, keys: Mapping[str, str], house: House, console: str) -> str:
    """Say how to try it."""
    names = callers(organisations())
    others = "\n".join(f"  {application:<16} {names[application]:<24} {key}" for application, key in keys.items())
    simulated = "\n".join(f"  {stand.destination:<44} {stand.words}" for stand in STANDS)
    return f"""
Ecluse is at {base}/v1 with facts of {DATE} (pinned). Ctrl-C stops everything.

The console, in a browser (chat, playground, flows, decisions and their proofs):
  {console}
  It opens once; the address of the next session is at the end of {(FOLDER / "ecluse.log").relative_to(ROOT)}

REAL model, loaded in {house.seconds} s (short English only):
  {LOCAL:<44} {WORDS[LOCAL]}
SIMULATED on this machine, answering through the same model:
{simulated}

  . {ENVIRONMENT.relative_to(ROOT)}
  curl -s $ECLUSE_BASE_URL/chat/completions -H "Authorization: Bearer $ECLUSE_API_KEY" \\
    -H 'Content-Type: application/json' \\
    -d '{{"model": "auto", "messages": [{{"role": "user", "content": "Which city is the capital of France?"}}]}}'

  from openai import OpenAI
  client = OpenAI(base_url="{base}/v1", api_key="{keys[FIRST]}")
  print(client.chat.completions.create(model="auto", messages=[{{"role": "user", "content": "..."}}]))

The same body to {base}/v1/explain says what every destination would get, and sends nothing.
Keys, one for each application:
{others}
"""


def entrance(gateway: Child) -> str:
    """Return the address that opens the console, which Ecluse tells on its standard error."""
    told = [line for line in gateway.log.read_text(errors="replace").splitlines() if "/login#" in line]
    return told[-1].split("console:", 1)[-1].split(" (", 1)[0].strip() if told else "(it did not start)"


def note(base: str, keys: Mapping[str, str]) -> None:
    """Leave the address and one key where a shell can read them, for their owner alone."""
    ENVIRONMENT.unlink(missing_ok=True)
    ENVIRONMENT.touch(mode=0o600)
    ENVIRONMENT.write_text(f"export ECLUSE_BASE_URL={base}/v1\nexport ECLUSE_API_KEY={keys[FIRST]}\n")


def main(arguments: list[str] | None = None) -> int:
    """Start everything, say how to use it, and wait."""
    parser = argparse.ArgumentParser(prog="python -m demo.serve", description="Keep the demo's world up.")
    parser.add_argument("--port", type=int, default=PORT)
    port: int = parser.parse_args(arguments).port
    stage = Stage()
    world = World(FOLDER)
    try:
        with alone(world.folder):
            world.wipe()
            with Children(world.folder) as children:
                house = open_house(world, children, stage)
                world.settle(house.addresses, house.model)
                with world.settings.open("a", encoding="utf-8") as settings:
                    settings.write(f"\n[console]\nport = {port + CONSOLE}\n")
                stage.step("making API keys and starting Ecluse")
                keys = make_keys(world, list(callers(organisations())))
                gateway, base = open_gateway(world, children, port)
                note(base, keys)
                stage.say(guide(base, keys, house, entrance(gateway)))
                gateway.outlive()
    except KeyboardInterrupt:
        stage.say("stopped")
        return 0
    except ChildError as error:
        stage.warn(str(error))
        return 1
    finally:
        ENVIRONMENT.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
