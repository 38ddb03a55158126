"""The settings of the notifiers: where pages go, and in which language."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import BaseModel, Field, SecretStr

from pipeline.languages import Language

NOTHING = SecretStr("")


class NotifierSettings(BaseModel):
    """A notifier is on when its address or key is there. What holds a credential is a secret, most URLs among it."""

    HEADING: ClassVar[str] = "Pagers"

    language: Language = Field(
        "en", description="Language of pages: English, simplified or traditional Chinese; the webhook gets all."
    )
    console_url: str = Field(
        "", description="Where responders open the console; chats and e-mail link to `/incidents/ID` below it."
    )
    runbook_url: str = Field(
        "",
        description="Where runbooks are, `KIND.md` below it for each kind, such as a copy of `deploy/runbooks`. "
        "Alertmanager gets it as the annotation `runbook_url`, PagerDuty as a link.",
    )
    terminal: Literal["on", "off"] = Field("on", description="Whether the worker prints pages to standard output.")
    webhook_url: SecretStr = Field(NOTHING, description="Pages are POSTed here, signed as Standard Webhooks says.")
    webhook_secret: SecretStr = Field(NOTHING, description="Signs them: `whsec_` and 24 to 64 random bytes in base64.")
    webhook_allow_private: str = Field(
        "",
        description="Hosts or ranges of your own network that notifiers may call: `host[:port]` or CIDR, with commas.",
    )
    pagerduty_routing_key: SecretStr = Field(NOTHING, description="Events API v2 integration key, 32 characters.")
    pagerduty_url: str = Field(
        "https://events.pagerduty.com", description="Base URL; EU accounts: `https://events.eu.pagerduty.com`."
    )
    alertmanager_url: SecretStr = Field(
        NOTHING, description="Base URL of an Alertmanager, without `/api/v2/alerts`; may hold `user:password@`."
    )
    slack_webhook_url: SecretStr = Field(NOTHING, description="Incoming webhook of a Slack channel.")
    slack_bot_token: SecretStr = Field(NOTHING, description="Token of a Slack bot, `xoxb-...`, scope `chat:write`.")
    slack_bot_channel: str = Field("", description="Id of the channel to which the Slack bot posts.")
    slack_api_url: str = Field(
        "https://slack.com/api", description="Slack's API; GovSlack: `https://slack-gov.com/api`."
    )
    slack_buttons: Literal["on", "off"] = Field(
        "off", description="Whether messages of Slack have buttons that `tocsin callbacks` understands."
    )
    teams_url: SecretStr = Field(NOTHING, description="Webhook of a workflow of Microsoft Teams.")
    feishu_url: SecretStr = Field(NOTHING, description="Webhook of a Feishu or Lark custom bot.")
    feishu_secret: SecretStr = Field(NOTHING, description="Secret of its signature check, if it has one.")
    feishu_app_id: str = Field("", description="App ID of a Feishu or Lark application with a bot, `cli_...`.")
    feishu_app_secret: SecretStr = Field(NOTHING, description="Its App Secret.")
    feishu_chat_id: str = Field("", description="Id of the group to which that bot posts, `oc_...`.")
    feishu_api_url: str = Field(
        "https://open.feishu.cn/open-apis", description="Feishu's API; Lark: `https://open.larksuite.com/open-apis`."
    )
    feishu_buttons: Literal["on", "off"] = Field(
        "off", description="Whether cards of that bot have buttons that `tocsin callbacks` understands."
    )
    dingtalk_url: SecretStr = Field(NOTHING, description="Webhook of a DingTalk custom robot.")
    dingtalk_secret: SecretStr = Field(NOTHING, description="Secret of its signature, `SEC...`, if it signs.")
    wecom_url: SecretStr = Field(NOTHING, description="Webhook of a WeCom group bot.")

    wecom_corp_id: str = Field("", description="CorpID of a WeCom company with an application for pages.")
    wecom_app_secret: SecretStr = Field(NOTHING, description="Secret of that application.")
    wecom_app_agent: str = Field("", description="Its AgentId, a number.")
    wecom_app_to: str = Field("", description="Members who get its pages: UserIDs separated by `|`, or `@all`.")
    wecom_api_url: str = Field("https://qyapi.weixin.qq.com/cgi-bin", description="WeCom's API.")
    wecom_buttons: Literal["on", "off"] = Field(
        "off", description="Whether a card with buttons follows that `tocsin callbacks` understands."
    )

    email_server: str = Field(
        "", description="Mail server for pages by e-mail, `host:port`; it may be on your own network."
    )
    email_tls: Literal["starttls", "tls", "none"] = Field(
        "starttls",
        description="`starttls` (port 587), `tls` (port 465) or `none`, which sends no password. "
        "Certificates are checked; `SSL_CERT_FILE` names authorities of your own.",
    )
    email_user: SecretStr = Field(NOTHING, description="User of the mail server, if it asks for one.")
    email_password: SecretStr = Field(NOTHING, description="Password of that user.")
    email_from: str = Field("", description="Address that e-mails come from.")
    email_to: str = Field("", description="Addresses that e-mails go to, comma separated.")
    apprise_urls: SecretStr = Field(
        NOTHING,
        description="URLs of Apprise, space separated; needs the extra `apprise`. Apprise opens its own connections, "
        "to private addresses, too.",
    )

    def notifier_options(self) -> Mapping[str, str]:
        """What the notifiers may be told, secrets in the clear."""
        values = ((name, getattr(self, name)) for name in NotifierSettings.model_fields)
        return {name: given.get_secret_value() if isinstance(given, SecretStr) else given for name, given in values}
