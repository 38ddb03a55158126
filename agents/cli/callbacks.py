"""``tocsin callbacks``."""

from typing import Annotated

import typer

from agents.cli.complaint import Complaint, complaining
from agents.settings import load

LISTEN = "127.0.0.1:8325"


def callbacks(
    listen: Annotated[str, typer.Option(metavar="HOST:PORT", help="Where chats and pagers post to.")] = LISTEN,
) -> None:
    """Receive what responders press or type in pagers and chats, as commands.

    Each is on at /callbacks/NAME when its secret is set; put a reverse proxy with TLS in front.

      TOCSIN_PAGERDUTY_WEBHOOK_SECRET   /callbacks/pagerduty   webhook subscription v3
      TOCSIN_SLACK_SIGNING_SECRET       /callbacks/slack       slash command and buttons
      TOCSIN_DINGTALK_APP_SECRET        /callbacks/dingtalk    messages to a robot
      TOCSIN_FEISHU_ENCRYPT_KEY         /callbacks/feishu      messages to a bot, buttons
      TOCSIN_WECOM_CALLBACK_SECRET      /callbacks/wecom       messages to an application
      TOCSIN_CALLBACK_SECRET            /callbacks/standard    Standard Webhooks

    In a chat: ack BRAND [why], resolve BRAND [why], note BRAND TEXT, silence BRAND 2h [why].
    """
    import asyncio

    from kafka.errors import KafkaError

    from agents import callback_server, logs
    from agents.incident_brands import IncidentBrands
    from agents.serving_callbacks import serve
    from agents.watchlist_file import read_watchlist

    settings = load()
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit():
        raise Complaint("--listen: write host:port, such as 127.0.0.1:8325")
    secrets = {one.secret: getattr(settings, one.secret).get_secret_value() for one in callback_server.known().values()}
    if not any(secrets.values()):
        raise Complaint(f"nothing to serve: set {' or '.join(f'TOCSIN_{name.upper()}' for name in secrets)}")
    watchlist = read_watchlist(settings.watchlist)
    logs.configure(settings.log_level)
    with complaining(f"Kafka at {settings.kafka}", KafkaError), complaining("callbacks", ValueError):
        asyncio.run(serve(settings, listen, secrets, watchlist, IncidentBrands(settings.brokers)))
