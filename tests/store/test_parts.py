"""Parts on shared storage: whole or not there, and never mixed up."""

from pathlib import Path

import pytest

from offswitch.store import StoreError
from offswitch.store.parts import Parts, shard_of

ROWS = [{"transcript_id": "a", "text": "one\ntwo, é"}, {"transcript_id": "b", "text": None}]


@pytest.fixture
def parts(tmp_path: Path) -> Parts:
    return Parts((tmp_path / "shared").as_uri())


@pytest.mark.parametrize("kind", ["file", "memory"])
def test_what_is_written_is_read(kind: str, tmp_path: Path) -> None:
    parts = Parts(f"{kind}://{tmp_path / 'shared'}")
    names = [parts.write(3, ROWS), parts.write(3, ROWS[:1]), parts.write(12, [])]
    assert len(set(names)) == 3 and parts.names() == sorted(names)
    assert parts.names(3) == sorted(names[:2]) and [shard_of(n) for n in names] == [3, 3, 12]
    assert [parts.read(n) for n in names] == [ROWS, ROWS[:1], []]
    assert list(parts.rows(names)) == [*ROWS, ROWS[0]]


@pytest.mark.parametrize("cut", [1, 5, 40, 10_000])
def test_a_part_cut_short_is_not_there(parts: Parts, tmp_path: Path, cut: int) -> None:
    file = tmp_path / "shared" / parts.write(1, ROWS)
    file.write_bytes(file.read_bytes()[:-cut])
    assert parts.read(file.name) is None and list(parts.rows([file.name])) == []


def test_parts_go_and_the_last_takes_the_folder_with_it(parts: Parts, tmp_path: Path) -> None:
    names = [parts.write(1, ROWS), parts.write(2, ROWS)]
    parts.remove(names[:1])
    parts.close()
    assert parts.names() == names[1:]
    parts.remove(names)
    parts.close()
    assert not (tmp_path / "shared").exists() and parts.names() == []
    assert parts.read(names[0]) is None


@pytest.mark.parametrize("url", ["nowhere://x/y", "file:///proc/none/here", "gs://bucket/x"])
def test_storage_that_cannot_be_used_is_one_line(url: str) -> None:
    with pytest.raises(StoreError, match="cannot be used") as caught:
        Parts(url)
    assert url in str(caught.value) and "\n" not in str(caught.value)
