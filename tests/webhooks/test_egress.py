"""The guard on the way out: what may be named, and what a name may stand for."""

import asyncio
from ipaddress import ip_address

import pytest

from app.webhooks.sending import egress
from app.webhooks.sending.egress import SENTENCES, EgressRefusedError, Refusal, check_url, refusal_of, resolve
from app.webhooks.sending.looking_up import SystemResolver
from tests.webhooks.receivers import LOOPBACK, standing_for

PUBLIC = "93.184.216.34"


def refused(url: str, allowed=()) -> Refusal:
    with pytest.raises(EgressRefusedError) as caught:
        check_url(url, allowed)
    return caught.value.reason


@pytest.mark.parametrize(
    ("url", "host", "host_header", "resource"),
    [
        ("https://hooks.example/in?k=1", "hooks.example", "hooks.example", "/in?k=1"),
        ("HTTPS://Hooks.Example:8443", "hooks.example", "hooks.example:8443", "/"),
        ("https://hooks.example:443?k=1", "hooks.example", "hooks.example", "/?k=1"),
        ("https://schüle.example/", "xn--schle-mva.example", "xn--schle-mva.example", "/"),
        ("https://93.184.216.34/", "93.184.216.34", "93.184.216.34", "/"),
        ("https://[2606:2800:220:1::1]:8443/", "2606:2800:220:1::1", "[2606:2800:220:1::1]:8443", "/"),
    ],
)
def test_a_plain_https_url_is_read_in_one_way(url, host, host_header, resource):
    target = check_url(url)
    assert (target.host, target.host_header, target.resource) == (host, host_header, resource)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", Refusal.URL),
        ("hooks.example/in", Refusal.URL),
        ("https:hooks.example", Refusal.URL),
        (" https://hooks.example/", Refusal.URL),
        ("https://hooks.example/a b", Refusal.URL),
        ("https://hooks.example/a\r\nX-Extra: 1", Refusal.URL),
        ("https://hooks.example/a\\b", Refusal.URL),
        ("https://hooks.example/é", Refusal.URL),
        ("https://hooks.example/" + "a" * 2048, Refusal.URL),
        ("http://hooks.example/", Refusal.SCHEME),
        ("ftp://hooks.example/", Refusal.SCHEME),
        ("file:///etc/passwd", Refusal.SCHEME),
        ("https://user:word@hooks.example/", Refusal.CREDENTIALS),
        ("https://hooks.example@inside.example/", Refusal.CREDENTIALS),
        ("https://hooks.example/in#part", Refusal.FRAGMENT),
        ("https://hooks.example/in#", Refusal.FRAGMENT),
        ("https:///in", Refusal.HOST),
        ("https://:8443/in", Refusal.HOST),
        ("https://hooks.example./", Refusal.HOST),
        ("https://hooks..example/", Refusal.HOST),
        ("https://hooks%2eexample/", Refusal.HOST),
        ("https://hooks.example\\inside.example/", Refusal.HOST),
        ("https://hooks.example\x00/", Refusal.HOST),
        ("https://-hooks.example/", Refusal.HOST),
        ("https://xn--hooks-.example/", Refusal.HOST),
        ("https://hooks.example:/", Refusal.PORT),
        ("https://hooks.example:0/", Refusal.PORT),
        ("https://hooks.example:25/", Refusal.PORT),
        ("https://hooks.example:65536/", Refusal.PORT),
        ("https://hooks.example:٤٤٣/", Refusal.PORT),
        ("https://2130706433/", Refusal.ADDRESS_SPELLING),
        ("https://127.1/", Refusal.ADDRESS_SPELLING),
        ("https://127.0.1/", Refusal.ADDRESS_SPELLING),
        ("https://0/", Refusal.ADDRESS_SPELLING),
        ("https://00/", Refusal.ADDRESS_SPELLING),
        ("https://0x/", Refusal.ADDRESS_SPELLING),
        ("https://0177.0.0.1/", Refusal.ADDRESS_SPELLING),
        ("https://017700000001/", Refusal.ADDRESS_SPELLING),
        ("https://127.0.0.01/", Refusal.ADDRESS_SPELLING),
        ("https://127.0.0.1.1/", Refusal.ADDRESS_SPELLING),
        ("https://256.0.0.1/", Refusal.ADDRESS_SPELLING),
        ("https://4294967297/", Refusal.ADDRESS_SPELLING),
        ("https://0X7F.1/", Refusal.ADDRESS_SPELLING),
        ("https://127.0.0.1./", Refusal.HOST),
        ("https://2130706433./", Refusal.HOST),
        ("https://0x7f.0.0.1/", Refusal.ADDRESS_SPELLING),
        ("https://0x7f000001/", Refusal.ADDRESS_SPELLING),
        ("https://hooks.example.0x1/", Refusal.ADDRESS_SPELLING),
        ("https://[fe80::1%25eth0]/", Refusal.ADDRESS_SPELLING),
        ("https://[fe80::1%eth0]/", Refusal.ADDRESS_SPELLING),
        ("https://[2606:2800:220:1::1%1]/", Refusal.ADDRESS_SPELLING),
        ("https://[::127.0.0.1]/", Refusal.ADDRESS_SPELLING),
        ("https://[2606:2800:0220:1::1]/", Refusal.ADDRESS_SPELLING),
        ("https://[::1]./", Refusal.HOST),
        ("https://hoo\u212as.example/", Refusal.HOST),
        ("https://hooks\u3002example/", Refusal.HOST),
        ("https://hooks\uff0eexample/", Refusal.HOST),
        ("https://hooks\uff61example/", Refusal.HOST),
        ("https://hooks\u2024example/", Refusal.HOST),
        ("https://hoo\u00adks.example/", Refusal.HOST),
        ("https://hooks.example%00.inside.example/", Refusal.HOST),
        ("https://[0:0:0:0:0:0:0:1]/", Refusal.ADDRESS_SPELLING),
        ("https://[::ffff:127.0.0.1]/", Refusal.ADDRESS_SPELLING),
        ("https://[127.0.0.1]/", Refusal.ADDRESS_SPELLING),
    ],
)
def test_a_url_that_could_mislead_is_refused_with_its_reason(url, reason):
    assert refused(url) is reason


@pytest.mark.parametrize(
    "host",
    [
        "\uff11\uff12\uff17.0.0.1",
        "\u2460\u2461\u2466.0.0.1",
        "127\u30020\u30020\u30021",
        "\u0661\u0662\u0667.0.0.1",
        "127.0.0.\u00b9",
        "0\uff587f.0.0.1",
        "[\uff1a\uff1a1]",
    ],
)
def test_digits_in_other_scripts_do_not_become_an_address(host):
    with pytest.raises(EgressRefusedError):
        check_url(f"https://{host}/")


def test_a_refusal_repeats_nothing_of_the_url():
    with pytest.raises(EgressRefusedError) as caught:
        check_url("https://user:topsecret@hooks.example/in?token=topsecret")
    assert "topsecret" not in str(caught.value) + repr(caught.value)
    assert caught.value.sentence == str(caught.value)
    assert "topsecret" not in repr(check_url("https://hooks.example/in?token=topsecret"))


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("127.0.0.1", Refusal.LOOPBACK),
        ("127.255.255.254", Refusal.LOOPBACK),
        ("::1", Refusal.LOOPBACK),
        ("0.0.0.0", Refusal.RESERVED),
        ("::", Refusal.RESERVED),
        ("10.0.0.1", Refusal.PRIVATE),
        ("172.16.0.1", Refusal.PRIVATE),
        ("172.31.255.255", Refusal.PRIVATE),
        ("192.168.1.1", Refusal.PRIVATE),
        ("100.64.0.1", Refusal.PRIVATE),
        ("fd12:3456::1", Refusal.PRIVATE),
        ("fec0::1", Refusal.PRIVATE),
        ("169.254.1.1", Refusal.LINK_LOCAL),
        ("fe80::1", Refusal.LINK_LOCAL),
        ("fe80::1%2", Refusal.LINK_LOCAL),
        ("169.254.169.254", Refusal.METADATA),
        ("fd00:ec2::254", Refusal.METADATA),
        ("100.100.100.200", Refusal.METADATA),
        ("168.63.129.16", Refusal.METADATA),
        ("224.0.0.1", Refusal.MULTICAST),
        ("ff02::1", Refusal.MULTICAST),
        ("ff0e::1", Refusal.MULTICAST),
        ("::ffff:127.0.0.1", Refusal.EMBEDDED),
        ("::ffff:93.184.216.34", Refusal.EMBEDDED),
        ("::127.0.0.1", Refusal.EMBEDDED),
        ("64:ff9b::7f00:1", Refusal.EMBEDDED),
        ("64:ff9b:1::1", Refusal.EMBEDDED),
        ("2002:7f00:1::", Refusal.EMBEDDED),
        ("2001:0:4136:e378::1", Refusal.EMBEDDED),
        ("::ffff:0:7f00:1", Refusal.EMBEDDED),
        ("2606:2800:220:1:0:5efe:7f00:1", Refusal.EMBEDDED),
        ("2606:2800:220:1:200:5efe:10.0.0.1", Refusal.EMBEDDED),
        ("169.254.170.2", Refusal.METADATA),
        ("192.0.0.192", Refusal.METADATA),
        ("fd20:ce::254", Refusal.METADATA),
        ("192.0.0.8", Refusal.RESERVED),
        ("192.0.2.1", Refusal.RESERVED),
        ("198.51.100.1", Refusal.RESERVED),
        ("203.0.113.1", Refusal.RESERVED),
        ("198.19.255.255", Refusal.RESERVED),
        ("240.0.0.1", Refusal.RESERVED),
        ("255.255.255.255", Refusal.RESERVED),
        ("2001:db8::1", Refusal.RESERVED),
        ("2001:2::1", Refusal.RESERVED),
        ("3fff::1", Refusal.RESERVED),
        ("100::1", Refusal.RESERVED),
        ("5f00::1", Refusal.RESERVED),
        ("4000::1", Refusal.RESERVED),
        (PUBLIC, None),
        ("172.32.0.1", None),
        ("198.20.0.1", None),
        ("2606:2800:220:1::1", None),
        ("2a00:1450:4009::1", None),
    ],
)
def test_only_an_address_of_the_public_network_may_be_dialled(address, reason):
    assert refusal_of(ip_address(address)) is reason


async def test_a_name_is_asked_once_and_keeps_all_its_checked_addresses():
    resolver, asked = standing_for([PUBLIC, "2606:2800:220:1::1", PUBLIC])
    checked = await resolve(check_url("https://hooks.example/"), resolver)
    assert [str(address) for address in checked.addresses] == [PUBLIC, "2606:2800:220:1::1"]
    assert asked == ["hooks.example"]


async def test_one_inside_answer_among_many_refuses_them_all():
    resolver, _ = standing_for([PUBLIC, "10.0.0.1"])
    with pytest.raises(EgressRefusedError) as caught:
        await resolve(check_url("https://hooks.example/"), resolver)
    assert caught.value.reason is Refusal.PRIVATE


async def test_an_address_in_the_url_is_checked_without_asking_anybody():
    resolver, asked = standing_for([PUBLIC])
    with pytest.raises(EgressRefusedError) as caught:
        await resolve(check_url("https://169.254.169.254/latest"), resolver)
    assert (caught.value.reason, asked) == (Refusal.METADATA, [])


@pytest.mark.parametrize("answer", [[], ["nonsense"]])
async def test_a_name_that_stands_for_nothing_is_refused(answer):
    resolver, _ = standing_for(answer)
    with pytest.raises(EgressRefusedError) as caught:
        await resolve(check_url("https://hooks.example/"), resolver)
    assert caught.value.reason is Refusal.UNRESOLVED


async def test_a_resolver_that_fails_is_a_refusal_and_not_a_crash():
    async def failing(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(EgressRefusedError) as caught:
        await resolve(check_url("https://hooks.example/"), failing)
    assert caught.value.reason is Refusal.UNRESOLVED


@pytest.mark.parametrize("inside", [["127.0.0.1"], ["10.0.0.1"], ["169.254.169.254"], []])
async def test_what_a_name_stands_for_inside_is_not_told_to_whoever_asked(inside):
    """Otherwise anybody with a client could learn which names our own network knows."""
    resolver, _ = standing_for(inside)
    with pytest.raises(EgressRefusedError) as caught:
        await resolve(check_url("https://hooks.example/"), resolver)
    assert caught.value.reason is not Refusal.UNREACHABLE
    assert (caught.value.told, caught.value.sentence) == (Refusal.UNREACHABLE, SENTENCES[Refusal.UNREACHABLE])


async def test_an_address_that_is_written_out_tells_its_own_fault():
    resolver, asked = standing_for([PUBLIC])
    with pytest.raises(EgressRefusedError) as caught:
        await resolve(check_url("https://10.0.0.1/"), resolver)
    assert (caught.value.told, asked) == (Refusal.PRIVATE, [])


@pytest.mark.parametrize(
    "host", ["[::ffff:7f00:1]", "[::ffff:5db8:d822]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[::7f00:1]", "[::1]", "[::]"]
)
async def test_an_address_that_hides_another_is_refused_however_it_is_written(host):
    resolver, _ = standing_for([PUBLIC])
    with pytest.raises(EgressRefusedError):
        await resolve(check_url(f"https://{host}/"), resolver)


async def test_a_resolver_that_does_not_answer_is_given_up(monkeypatch):
    async def silent(host: str, port: int) -> list[str]:
        await asyncio.sleep(30)
        return [PUBLIC]

    monkeypatch.setattr(egress, "RESOLVING_S", 0.01)
    with pytest.raises(EgressRefusedError) as caught:
        await resolve(check_url("https://hooks.example/"), silent)
    assert caught.value.reason is Refusal.UNRESOLVED


async def test_the_system_knows_localhost_and_the_guard_refuses_it():
    with pytest.raises(EgressRefusedError) as caught:
        await resolve(check_url("https://localhost/"), SystemResolver())
    assert caught.value.reason is Refusal.LOOPBACK


async def test_an_allowed_range_lets_through_itself_and_nothing_else():
    inside, _ = standing_for(["127.0.0.1"])
    elsewhere, _ = standing_for(["10.0.0.1"])
    target = check_url("https://hooks.example/", LOOPBACK)
    assert (await resolve(target, inside, LOOPBACK)).addresses == (ip_address("127.0.0.1"),)
    with pytest.raises(EgressRefusedError):
        await resolve(target, elsewhere, LOOPBACK)


async def test_plain_http_goes_to_allowed_ranges_only():
    public, _ = standing_for([PUBLIC])
    inside, _ = standing_for(["127.0.0.1"])
    target = check_url("http://hooks.example/", LOOPBACK)
    assert (await resolve(target, inside, LOOPBACK)).target.port == 80
    with pytest.raises(EgressRefusedError) as caught:
        await resolve(target, public, LOOPBACK)
    assert caught.value.reason is Refusal.PLAIN_HTTP


async def test_an_allowed_range_does_not_let_through_what_hides_an_address_of_it():
    resolver, _ = standing_for(["::ffff:127.0.0.1"])
    with pytest.raises(EgressRefusedError) as caught:
        await resolve(check_url("https://hooks.example/", LOOPBACK), resolver, LOOPBACK)
    assert caught.value.reason is Refusal.EMBEDDED


async def test_an_answer_with_a_zone_is_refused_like_the_address_without_it():
    resolver, _ = standing_for(["fe80::1%lo"])
    with pytest.raises(EgressRefusedError) as caught:
        await resolve(check_url("https://hooks.example/"), resolver)
    assert caught.value.reason is Refusal.LINK_LOCAL


@pytest.mark.parametrize("count", [1, 3])
async def test_each_check_asks_anew_so_that_a_name_that_has_moved_inside_is_found(count):
    resolver, asked = standing_for(*[[PUBLIC]] * count, ["127.0.0.1"])
    target = check_url("https://hooks.example/")
    for _ in range(count):
        assert [str(each) for each in (await resolve(target, resolver)).addresses] == [PUBLIC]
    with pytest.raises(EgressRefusedError) as caught:
        await resolve(target, resolver)
    assert (caught.value.reason, len(asked)) == (Refusal.LOOPBACK, count + 1)
