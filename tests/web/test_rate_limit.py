from reirrad.web.rate_limit import RateLimit


def test_what_was_used_comes_back_evenly() -> None:
    now_s = [0.0]
    limit = RateLimit(60, clock=lambda: now_s[0])

    assert [limit.wait_s("a") for _ in range(60)] == [0.0] * 60
    assert limit.wait_s("a") == 1.0
    assert limit.wait_s("b") == 0.0

    now_s[0] = 0.5
    assert limit.wait_s("a") == 0.5
    now_s[0] = 1.0
    assert limit.wait_s("a") == 0.0
    assert limit.wait_s("a") == 1.0


def test_a_pause_gives_no_more_than_a_minute_is_worth() -> None:
    now_s = [0.0]
    limit = RateLimit(10, clock=lambda: now_s[0])
    limit.wait_s("a")
    now_s[0] = 3600.0

    assert [limit.wait_s("a") for _ in range(10)] == [0.0] * 10
    assert limit.wait_s("a") > 0.0


def test_amounts_are_counted() -> None:
    limit = RateLimit(100, clock=lambda: 0.0)

    assert limit.wait_s("a", 90) == 0.0
    assert limit.wait_s("a", 20) == 6.0
