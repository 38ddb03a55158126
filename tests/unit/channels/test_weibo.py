"""Weibo in its many shapes: counts in words, times of China, cut texts, regions, reposts, comments."""

import pytest

from tests.adapted import RECEIVED, record, records

MAY_DAY = 1_714_550_400_000  # 2024-05-01 16:00:00 in China
POST = {
    "id": "49",
    "text": "漏水",
    "created_at": "Wed May 01 16:00:00 +0800 2024",
    "user": {"id": 1, "screen_name": "小明"},
}


@pytest.mark.parametrize(
    ("told", "moment", "basis"),
    [
        ("Wed May 01 16:00:00 +0800 2024", MAY_DAY, "source"),
        ("2024-05-01 16:00:00", MAY_DAY, "source"),
        ("/Date(1714550400000)/", MAY_DAY, "source"),
        ("2024-05-01T08:00:00Z", MAY_DAY, "source"),
        ("5分钟前", RECEIVED - 300_000, "source"),
        ("刚刚", RECEIVED, "source"),
        ("some day", RECEIVED, "collected"),
    ],
)
def test_times(told, moment, basis):
    post = record("weibo", {**POST, "created_at": told})
    assert (post.event_time, post.event_time_basis) == (moment, basis)


def test_relative_times_count_from_when_a_spider_looked():
    post = record("weibo", {"_id": "49", "content": "漏水", "created_at": "5分钟前", "crawl_time": 1_714_550_700})
    assert post.event_time == MAY_DAY


@pytest.mark.parametrize(
    ("told", "count"), [(12, 12), ("75", 75), ("62.4万", 624_000), ("100万+", 1_000_000), ("1.2亿", 120_000_000),
                        (None, None), ("转发", None), (-1, None), (0, 0)],
)  # fmt: skip
def test_counts(told, count):
    post = record("weibo", {**POST, "attitudes_count": told, "reposts_count": 1})
    assert post.metrics.likes == count


def test_plays_are_views():
    page = {"type": "video", "play_count": "7万次播放", "media_info": {"stream_url": "https://v/1.mp4"}}
    post = record("weibo", {**POST, "page_info": page})
    assert (post.metrics.views, post.media[0].url, post.media[0].type) == (70_000, "https://v/1.mp4", "video")


def test_html_emoticons_topics_and_mentions():
    html = (
        "漏水<span class='url-icon'><img alt=[怒] src='x'></span><a href='/n/店铺'>@店铺</a> "
        '<a href="https://m.weibo.cn/search?containerid=1"><span>#水壶#</span></a>'
    )
    post = record("weibo", {**POST, "text": html})
    assert (post.text, post.hashtags, post.links, post.text_raw) == ("漏水[怒]@店铺 #水壶#", ("水壶",), (), html)
    assert [one.handle for one in post.mentions] == ["店铺"]


def test_a_cut_text_says_so():
    html = '漏水 ...<a href="/status/49">全文</a>'
    post = record("weibo", {**POST, "text": html, "isLongText": True})
    assert (post.text, post.text_truncated) == ("漏水 ...", True)


def test_the_long_text_is_taken_where_it_came_with_the_post():
    post = record("weibo", {**POST, "isLongText": True, "longText": {"longTextContent": "漏水，很久"}})
    assert (post.text, post.text_truncated, post.extra["text"]) == ("漏水，很久", False, "漏水")


@pytest.mark.parametrize(
    "told",
    [
        {"region_name": "发布于 河南"},
        {"ip_location": "IP属地：河南"},
        {"comment_user": {"id": 2}, "source": "来自河南"},
    ],
)
def test_the_region_is_that_of_an_ip_address(told):
    post = record("weibo", {**POST, **told})
    assert (post.geo.region, post.geo.basis, post.client_app) == ("河南", "ip", None)


def test_coordinates_are_latitude_first():
    geo = record("weibo", {**POST, "geo": {"type": "Point", "coordinates": [30.5, 104.0]}}).geo
    assert (geo.lat, geo.lon) == (30.5, 104.0)


def test_a_repost_names_its_original():
    post = record("weibo", {**POST, "retweeted_status": {**POST, "id": "48", "text": "原文"}})
    assert (post.kind, post.repost_of_uid, post.ref_posts[0].text) == ("repost", "weibo:48", "原文")


def test_a_comment_hangs_on_its_status_or_on_another_comment():
    comment = {**POST, "status": {**POST, "id": "48"}}
    assert record("weibo", comment).in_reply_to_uid == "weibo:48"
    answer = record("weibo", {**comment, "reply_comment": {"id": 47}})
    assert (answer.kind, answer.in_reply_to_uid, answer.conversation_uid) == ("comment", "weibo:47", "weibo:48")


def test_answers_inside_of_a_comment_are_comments_too():
    answer = {**POST, "id": "50", "rootid": "49"}
    found = {one.post_uid: one for one in records("weibo", {**POST, "rootid": "49", "comments": [answer]})}
    assert (found["weibo:50"].in_reply_to_uid, found["weibo:49"].in_reply_to_uid) == ("weibo:49", None)


def test_an_edit_is_a_revision():
    post = record("weibo", {**POST, "edit_config": {"edited": True}, "edit_at": "Wed May 01 17:00:00 +0800 2024"})
    assert (post.op, post.edited_at, post.revision) == ("update", MAY_DAY + 3_600_000, MAY_DAY + 3_600_000)


@pytest.mark.parametrize(("kind", "visibility"), [(0, "public"), (1, "private"), (6, "followers"), (10, "followers")])
def test_visibility(kind, visibility):
    assert record("weibo", {**POST, "visible": {"type": kind}}).visibility == visibility


def test_a_deleted_status_is_a_tombstone():
    assert record("weibo", {**POST, "deleted": "1"}).subject == "post:weibo:49"


@pytest.mark.parametrize("page", [{"statuses": [POST, {"id": 2}]}, {"ok": 1, "data": {"cards": [{"mblog": POST}, {}]}}])
def test_each_item_of_a_page_has_its_own_verdict(page):
    post, refused = records("weibo", page)
    assert (post.post_uid, refused.reason) == ("weibo:49", "irrelevant")


def test_what_stands_beside_the_posts_goes_with_the_first():
    assert record("weibo", {"statuses": [POST], "total_number": 7}).extra["response"] == {"total_number": 7}


@pytest.mark.parametrize(
    "payload", [{"error": "expired_token"}, {"ok": 0, "msg": "x"}, {"id": 1, "screen_name": "x"}, {}]
)
def test_what_is_no_post_is_refused(payload):
    assert record("weibo", payload).reason == "irrelevant"


def test_a_row_of_fans_is_a_follow():
    follow = record("weibo", {"_id": "1_2", "follower_id": "1", "fan_info": {"_id": "2"}})
    assert (follow.type, follow.actor.native_id, follow.target_kind) == ("follow", "2", "account")


def test_a_link_beyond_bounds_is_left_in_extra():
    post = record("weibo", {**POST, "pics": [{"url": "https://x/" + "a" * 9_000}]})
    assert (post.media[0].url, len(post.extra["pics"])) == (None, 1)
