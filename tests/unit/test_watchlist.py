"""A watch list is read completely, or refused with every problem and its line."""

import pytest

from pipeline.watchlist import Brand, Campaign, Facet, Overrides, Rules, WatchList, WatchListError, parse

FULL = """\
# what we listen for
brands:
  - id: kettle-co
    name: 水壶公司
    aliases: [KettleCo, 水壶公司, 壶]
    timezone: Asia/Shanghai
    products:
      - {id: k1, name: Kettle One, aliases: [kettle one]}
    regions:
      - {id: sh, aliases: [上海]}
    campaigns:
      - {id: tea, name: Tea Day, aliases: ["#teaday"], starts: 2025-06-01, ends: 2025-06-02}
  - id: on
    aliases: [On, 360]
rules:
  bucket_s: 300
  pages_per_week: 2
"""


def problems(text: str) -> list[str]:
    with pytest.raises(WatchListError) as caught:
        parse(text, "w.yaml")
    return str(caught.value).split("\n")


def test_a_full_file_is_read():
    midnight = 1_748_707_200_000  # 2025-06-01T00:00 in Shanghai
    tea = Campaign(id="tea", name="Tea Day", aliases=("#teaday",), starts=midnight, ends=midnight + 2 * 86_400_000)
    kettle = Brand(
        id="kettle-co",
        name="水壶公司",
        aliases=("KettleCo", "水壶公司", "壶"),
        timezone="Asia/Shanghai",
        products=(Facet(id="k1", name="Kettle One", aliases=("kettle one",)),),
        regions=(Facet(id="sh", name="sh", aliases=("上海",)),),
        campaigns=(tea,),
    )
    on = Brand(id="on", name="on", aliases=("On", "360"))

    assert parse(FULL, "w.yaml") == WatchList(brands=(kettle, on), rules=Rules(bucket_s=300, pages_per_week=2.0))


def test_the_digest_changes_with_the_meaning_only():
    digest = parse(FULL, "w.yaml").digest()
    spelt_out = FULL.replace("# what we listen for", "# other words").replace(
        "bucket_s: 300", "bucket_s:   300\n  quiet_s: 3600"
    )

    assert parse(spelt_out, "other.yaml").digest() == digest
    assert parse(FULL.replace("300", "150"), "w.yaml").digest() != digest
    assert len(digest) == 12


def test_all_problems_are_told_at_once_with_their_lines():
    text = """\
brands:
  - id: Kettle Co
    alias: [KettleCo]
    aliases: [k, "!!", ""]
    timezone: Asia/Shanghi
  - aliases: kettle
rules:
  bucket_s: 7
  bukcet_s: 60
  pages_per_week: lots
"""
    found = problems(text)

    assert [line.split(": ")[0:2] for line in found] == [
        ["w.yaml:2", "brands[0].id"],
        ["w.yaml:3", "brands[0].alias"],
        ["w.yaml:4", "brands[0].aliases[0]"],
        ["w.yaml:4", "brands[0].aliases[1]"],
        ["w.yaml:4", "brands[0].aliases[2]"],
        ["w.yaml:5", "brands[0].timezone"],
        ["w.yaml:6", "brands[1].aliases"],
        ["w.yaml:6", "brands[1].aliases"],
        ["w.yaml:6", "brands[1]"],
        ["w.yaml:8", "rules.bucket_s"],
        ["w.yaml:9", "rules.bukcet_s"],
        ["w.yaml:10", "rules.pages_per_week"],
    ]
    assert found[1].endswith("unknown key; write 'aliases'")
    assert found[5].endswith("write 'Asia/Shanghai'")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "the file is empty"),
        ("brands: [", 1, "not YAML"),
        ("brands: []", 1, "no brand"),
        ("rules: {}", 1, "'brands' is missing"),
        ("- a", 1, "not a mapping"),
        ("a: 1\n---\nb: 2", 2, "not YAML"),
        ("brands: \x00", 1, "not YAML"),
        ("[" * 400, 1, "not YAML"),
        ("brands:\n- {id: a, aliases: [kettle], id: b}", 2, "there twice"),
        ("brands:\n- {id: a, aliases: [kettle]}\n- {id: a, aliases: [teapot]}", 3, "id 'a' is there twice"),
        ("brands:\n- {id: a, aliases: [kettle]}\n- {id: b, aliases: [KETTLE]}", 3, "already means brand 'a' (line 2)"),
        ("brands:\n- {id: a, aliases: [水壶]}\n- {id: b, aliases: [水壺]}", 3, "already means brand 'a'"),
        (
            "brands:\n- {id: a, aliases: [kettle]}\n- {id: b, aliases: [pot], products: [{id: p, aliases: [kettle]}]}",
            3,
            "already means brand 'a'",
        ),
        ("brands:\n- {id: a, aliases: [null]}", 2, "this is empty"),
        ("brands:\n- {id: a, aliases: [[x, y]]}", 2, "write one value"),
        ("brands:\n- {id: a, aliases: [kettle], campaigns: [{id: c, aliases: [tea], starts: soon}]}", 2, "is no date"),
        (
            "brands:\n- {id: a, aliases: [kettle], campaigns: [{id: c, aliases: [tea], ends: 9999-12-31}]}",
            2,
            "is no date",
        ),
        (
            "brands:\n- {id: a, aliases: [kettle], campaigns: [{id: c, starts: 2025-06-02, ends: 2025-06-01}]}",
            2,
            "not after 'starts'",
        ),
    ],
)
def test_a_mistake_is_named_at_its_line(text: str, line: int, words: str):
    found = problems(text)

    assert any(problem.startswith(f"w.yaml:{line}: ") and words in problem for problem in found), found


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("bucket_s: 7200", "<= 300"),
        ("bucket_s: 7", ">= 10"),
        ("bucket_s: 70", "does not divide five minutes"),
        ("bucket_s: 60.5", "expected `int`"),
        ("lateness_s: 2000", "is below lateness_s"),
        ("pages_per_week: 0", "> 0"),
        ("pages_per_week: .nan", "expected"),
        ("pages_per_week: nan", "expected"),
        ("min_authors: 0", ">= 1"),
        ("idle_s: 60", "is below quiet_s"),
        ("max_life_s: 4000", "is below idle_s"),
    ],
)
def test_a_rule_out_of_range_is_refused_with_its_range(rule: str, words: str):
    found = problems(f"brands:\n- {{id: a, aliases: [kettle]}}\nrules:\n  {rule}\n")

    assert len(found) == 1
    assert words in found[0]
    assert found[0].startswith("w.yaml:4: rules")


def test_a_brand_may_change_words_of_danger():
    safety = "safety: {add: [喷漆味, 'magnet*'], ignore: [爆炸, burns slowly]}"
    watchlist = parse(f"brands:\n- {{id: a, aliases: [kettle], {safety}}}\n- {{id: b, aliases: [pot]}}", "w.yaml")

    assert watchlist.overrides() == {"a": Overrides(add=("喷漆味", "magnet*"), ignore=("爆炸", "burns slowly"))}


def test_changed_words_of_danger_change_the_digest_and_none_do_not():
    plain = "brands:\n- {id: a, aliases: [kettle]}"
    texts = [plain, *(plain.replace("]}", f"], safety: {words}}}") for words in (
        "{add: []}", "{ignore: [], add: []}", "{add: [boom]}", "{ignore: [boom]}", "{ignore: [bang]}",
    ))]  # fmt: skip
    same, spelt_out, empty, *different = [parse(text, "w.yaml").digest() for text in texts]

    assert same == spelt_out == empty == "eaab6c213b1d"
    assert len({same, *different}) == 4


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("{ad: [boom]}", "brands[0].safety.ad: unknown key; write 'add'"),
        ("[boom]", "brands[0].safety: this is not a mapping; write 'key: value' lines with add, ignore"),
        ("{add: boom}", "brands[0].safety.add: this is not a list"),
        ("{add: [[boom]]}", "brands[0].safety.add[0]: this is a list or a mapping"),
        ("{add: ['']}", "brands[0].safety.add[0]: this is empty"),
        ("{add: ['!!']}", "brands[0].safety.add[0]: '!!' has no letter or digit"),
        ("{add: ['*']}", "brands[0].safety.add[0]: '*' has no letter or digit"),
        ("{add: [b]}", "brands[0].safety.add[0]: 'b' is too short"),
        ("{ignore: ['b*']}", "brands[0].safety.ignore[0]: 'b*' is too short"),
        ("{add: ['bo*m']}", "brands[0].safety.add[0]: 'bo*m' has a '*' inside"),
        ("{add: [boom, Boom]}", "brands[0].safety.add[1]: 'Boom' is there twice (line 2)"),
        ("{add: [爆炸], ignore: [boom, 爆炸]}", "brands[0].safety.ignore[1]: '爆炸' is added in line 2"),
        (f"{{add: [{'b' * 101}]}}", "brands[0].safety.add[0]: this has 101 characters"),
    ],
)
def test_a_mistake_in_words_of_danger_is_named_at_its_line(words: str, said: str):
    (problem,) = problems(f"brands:\n- {{id: a, aliases: [kettle], safety: {words}}}")

    assert problem.startswith(f"w.yaml:2: {said}")


def test_one_chinese_character_is_a_word_of_danger():
    text = "brands:\n- {id: a, aliases: [kettle], safety: {add: [烫]}}"

    assert parse(text, "w.yaml").overrides()["a"].add == ("烫",)


def test_regions_may_have_the_same_name_in_every_brand():
    region = "regions: [{id: sh, aliases: [上海]}]"
    text = f"brands:\n- {{id: a, aliases: [kettle], {region}}}\n- {{id: b, aliases: [teapot], {region}}}"

    assert [brand.regions[0].id for brand in parse(text, "w.yaml").brands] == ["sh", "sh"]


def test_a_moment_with_an_offset_is_taken_as_it_is():
    campaign = "{id: c, aliases: [tea], starts: '2025-06-01T00:00:00Z', ends: 2025-06-01T01:00:00+00:00}"
    text = f"brands:\n- {{id: a, aliases: [kettle], timezone: Asia/Tokyo, campaigns: [{campaign}]}}"
    found = parse(text, "w.yaml").brands[0].campaigns[0]

    assert (found.starts, found.ends) == (1_748_736_000_000, 1_748_739_600_000)
