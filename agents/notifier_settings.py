"""The settings of the notifiers: where pages go, and in which language."""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, Field, SecretStr

NOTHING = SecretStr("")


class NotifierSettings(BaseModel):
    """A notifier is on when its address or key is there. What holds a credential is a secret, most URLs among it."""

    language: Literal["en", "zh"] = Field("en", description="Language of pages: en or zh.")
    console_url: str = Field("", description="Where responders open the console; pages link to their incident there.")
    terminal: Literal["on", "off"] = Field("on", description="on: pages are printed by the worker too; off.")
    webhook_url: SecretStr = Field(NOTHING, description="Pages are POSTed here, signed.")
    webhook_secret: SecretStr = Field(NOTHING, description="Standard Webhooks secret, whsec_<base64>.")
    webhook_allow_private: str = Field(
        "", description="Hosts that notifiers may call at private addresses, host[:port] or CIDR."
    )
    pagerduty_routing_key: SecretStr = Field(NOTHING, description="Events API v2 integration key.")
    pagerduty_url: str = Field(
        "https://events.pagerduty.com", description="Base URL; EU: https://events.eu.pagerduty.com"
    )
    alertmanager_url: SecretStr = Field(NOTHING, description="Base URL of an Alertmanager; may hold user:password@.")
    slack_webhook_url: SecretStr = Field(NOTHING, description="Incoming webhook of a Slack channel.")
    slack_bot_token: SecretStr = Field(NOTHING, description="Token of a Slack bot, xoxb-..., scope chat:write.")
    slack_bot_channel: str = Field("", description="Id of the channel to which the Slack bot posts.")
    slack_api_url: str = Field("https://slack.com/api", description="Slack's API; GovSlack: https://slack-gov.com/api")
    slack_buttons: Literal["on", "off"] = Field(
        "off", description="on: messages of Slack have buttons that `tocsin callbacks` understands; off."
    )
    teams_url: SecretStr = Field(NOTHING, description="Webhook of a workflow of Microsoft Teams.")
    feishu_url: SecretStr = Field(NOTHING, description="Webhook of a Feishu or Lark custom bot.")
    feishu_secret: SecretStr = Field(NOTHING, description="Secret of its signature check, if it has one.")
    dingtalk_url: SecretStr = Field(NOTHING, description="Webhook of a DingTalk custom robot.")
    dingtalk_secret: SecretStr = Field(NOTHING, description="Secret of its signature, SEC..., if it signs.")
    wecom_url: SecretStr = Field(NOTHING, description="Webhook of a WeCom group bot.")

    email_server: str = Field("", description="Mail server for pages by e-mail, host:port.")
    email_tls: Literal["starttls", "tls", "none"] = Field("starttls", description="starttls, tls or none.")
    email_user: SecretStr = Field(NOTHING, description="User of the mail server, if it asks for one.")
    email_password: SecretStr = Field(NOTHING, description="Password of that user.")
    email_from: str = Field("", description="Address that e-mails come from.")
    email_to: str = Field("", description="Addresses that e-mails go to, comma separated.")
    apprise_urls: SecretStr = Field(NOTHING, description="URLs of Apprise, space separated; needs the extra apprise.")

    def notifier_options(self) -> Mapping[str, str]:
        """What the notifiers may be told, secrets in the clear."""
        values = ((name, getattr(self, name)) for name in NotifierSettings.model_fields)
        return {name: given.get_secret_value() if isinstance(given, SecretStr) else given for name, given in values}
