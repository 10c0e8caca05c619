"""A publisher as a stranger would write one: nats-py, and nothing of Weir.

`python publisher.py <url> <key id> <secret> <subject> <events> <keys>` publishes
that many CloudEvents, those of a key one after the other, half of them in
structured and half in binary mode, every tenth of them twice. What is not
acknowledged is sent again. It prints how many it has published.
"""

import asyncio
import json
import sys

import nats
import nats.errors


async def main(  # noqa: PLR0913, PLR0917 - its command line
    url: str, user: str, password: str, subject: str, events: int, keys: int
) -> None:
    """Publish everything."""
    client = await nats.connect(
        url,
        user=user,
        password=password,
        inbox_prefix=f"_INBOX.{user}".encode(),
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.2,
    )
    stream = client.jetstream()

    async def send(number: int, key: int) -> None:
        event = {
            "specversion": "1.0",
            "id": f"event-{number}",
            "source": "/publisher",
            "type": "counted",
            "datacontenttype": "application/json",
        }
        data = {"number": number, "key": f"k{key}"}
        if number % 2:
            headers = {"Content-Type": "application/cloudevents+json"}
            body = json.dumps(event | {"data": data})
        else:
            media_type = event.pop("datacontenttype")
            headers = {f"ce-{name}": text for name, text in event.items()}
            headers["Content-Type"] = media_type
            body = json.dumps(data)
        while True:
            try:
                await stream.publish(f"{subject}.{key}", body.encode(), headers=headers)
            except (nats.errors.Error, OSError):
                await asyncio.sleep(0.1)
            else:
                return

    async def one_key(key: int) -> None:
        for number in range(key, events, keys):
            await send(number, key)
            if number % 10 == 0:
                await send(number, key)

    await asyncio.gather(*(one_key(key) for key in range(keys)))
    await client.drain()
    sys.stdout.write(f"published {events}\n")


if __name__ == "__main__":
    _, url_, user_, password_, subject_, *counts = sys.argv
    asyncio.run(main(url_, user_, password_, subject_, *map(int, counts)))
