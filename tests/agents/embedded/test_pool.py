import threading
from pathlib import Path
from typing import Any

import pytest

from offswitch.agents.embedded.pool import Pool, common, shape
from offswitch.study.factors import StudyError


class Fake:
    """Counts how many ask it at once; a slot must never be asked twice at a time."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, ...]] = []
        self.lock = threading.Lock()

    def complete(self, prompt: Any, sampling: Any, slot: int) -> Any:
        assert self.lock.acquire(blocking=False), "two requests at once"
        self.seen.append(tuple(prompt))
        self.lock.release()


def pool(count: int) -> Pool:
    made = Pool.__new__(Pool)
    made.engines = [Fake() for _ in range(count)]  # type: ignore[misc]
    made._places = [(e, 0) for e in made.engines]
    made._used = [0 for _ in range(count)]
    made._held = [() for _ in range(count)]
    made._ids, made._free, made._change = {}, set(range(count)), threading.Condition()
    return made


def test_a_conversation_stays_with_the_engine_that_knows_its_beginning() -> None:
    p = pool(2)
    p.complete([1, 2, 3], None)
    p._free.discard(first := next(i for i, e in enumerate(p.engines) if e.seen))
    p.complete([7, 8], None)
    p._free.add(first)
    for prompt in ([1, 2, 3, 4], [7, 8, 9], [1, 2, 3, 4, 5], [7, 8, 9, 10]):
        p.complete(prompt, None)
    assert all(len({prompt[0] for prompt in e.seen}) == 1 and len(e.seen) == 3 for e in p.engines)


def test_a_new_conversation_takes_no_slot_between_two_turns_of_another() -> None:
    p = pool(2)
    p.complete([1, 2, 9, 9], None)  # ends here
    p.complete([1, 2, 3, 4], None)  # goes on later
    p.complete([1, 2, 3, 5], None)  # begins as the second did
    p.complete([1, 2, 3, 4, 6], None)
    assert [e.seen for e in p.engines] == [[(1, 2, 9, 9), (1, 2, 3, 5)], [(1, 2, 3, 4), (1, 2, 3, 4, 6)]]


def test_many_threads_share_the_engines_without_asking_one_twice_at_once() -> None:
    p, errors = pool(2), []

    def work(n: int) -> None:
        try:
            for k in range(50):
                p.complete([n, k], None)
        except AssertionError as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert not errors and sum(len(e.seen) for e in p.engines) == 400 and p._free == {0, 1}


@pytest.mark.parametrize(
    ("cores", "size", "engines", "expected"),
    [
        ("2", 10, None, (2, 1)),
        ("16", 10, None, (4, 1)),
        ("1", 10, None, (1, 1)),
        ("8", 2**31, None, (1, 8)),
        ("8", 10, 1, (1, 1)),
    ],
)
def test_shape(
    cores: str, size: int, engines: int | None, expected: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFSWITCH_THREADS", cores)
    assert shape(size, engines) == expected


def test_common() -> None:
    assert [common([1, 2], [1, 3]), common([], [1]), common([1, 2], [1, 2, 3])] == [1, 0, 2]


@pytest.mark.parametrize(
    ("content", "reason"), [(None, "there is no model"), (b"", "not a GGUF"), (b"GGUF" + bytes(99), "corrupt")]
)
def test_a_bad_model_file_is_one_line(content: bytes | None, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StudyError, match=reason) as caught:
        Pool(path)
    assert "\n" not in str(caught.value)
