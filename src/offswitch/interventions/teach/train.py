"""Fine-tuning the small agent: LoRA with transformers and PEFT on CPU, loss on the agent's turns only."""

import contextlib
import ctypes
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from offswitch.interventions.teach.recipe import Course, Recipe
from offswitch.study.factors import StudyError

IGNORED = -100
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX = -1, -2, -4  # malloc.h


def teach(recipe: Recipe, gguf: Path, out: Path) -> Path:
    """Teach the model in `gguf` by the recipe; write the adapter as GGUF and its card below `out`.

    Needs the extra `train`. Raises StudyError if it is not installed or if the loss is not finite.
    """
    _needs_training()
    from offswitch.interventions.teach.adapter import write_adapter
    from offswitch.interventions.teach.trajectories import trajectories

    out.mkdir(parents=True, exist_ok=True)
    _keep_memory()
    model, tokenizer = _load(gguf, recipe)
    log: list[dict[str, float]] = []
    for number, course in enumerate(recipe.courses, 1):
        examples = [
            encode(t, tokenizer, course.decision_weight, course.resolve_weight) for t in trajectories(recipe, course)
        ]
        log += _fit(model, examples, course, recipe.seed, out / f"course-{number}")
    card = {"recipe": json.dumps(asdict(recipe), default=dict), "log": json.dumps(log[-1] if log else {})}
    (out / "training_log.json").write_text(json.dumps(log, indent=1), encoding="utf-8")
    config = model.config
    return write_adapter(
        _tensors(model),
        out / "smollm2-agent.gguf",
        recipe.alpha,
        config.num_attention_heads,
        config.num_key_value_heads,
        card,
    )


def encode(
    trajectory: Any, tokenizer: Any, decision_weight: float = 1.0, resolve_weight: float = 1.0
) -> dict[str, list[Any]]:
    """Return input ids, labels and loss weights of one trajectory; labels are `IGNORED` outside the agent's turns."""
    out: dict[str, list[Any]] = {"input_ids": [], "labels": [], "weights": []}
    for text, weight in _weighed(trajectory, decision_weight, resolve_weight):
        part = tokenizer.encode(text, add_special_tokens=False) if text else []
        out["input_ids"] += part
        out["labels"] += part if weight else [IGNORED] * len(part)
        out["weights"] += [weight or 1.0] * len(part)
    return out


def _weighed(trajectory: Any, decision_weight: float, resolve_weight: float) -> Iterator[tuple[str, float]]:
    """Yield a trajectory's text in parts with the weight of each; 0 for what is not the agent's."""
    from offswitch.agents.embedded.chat import render_with_mask

    own = iter([i for i, m in enumerate(trajectory.messages) if m.role == "assistant"])
    for text, learnt in render_with_mask(trajectory.messages, trajectory.tools):
        if not learnt:
            yield text, 0.0
            continue
        weight = decision_weight if next(own) in trajectory.deciding else 1.0
        before, resolved, after = split_resolved(text)
        yield before, weight
        yield resolved, weight * resolve_weight
        if resolved and trajectory.words_only:
            return
        yield after, weight


def split_resolved(text: str) -> tuple[str, str, str]:
    """Split an agent's turn around the words that say what it resolved (`RESOLVED`); without them, all is before."""
    from offswitch.interventions.teach.trajectories import RESOLVED

    for words in RESOLVED.values():
        before, found, after = text.partition(f" {words}")
        if found:
            return before, found, after
    return text, "", ""


def _needs_training() -> None:
    try:
        import peft  # noqa: F401
        import torch  # noqa: F401
        import transformers  # noqa: F401
    except ImportError as error:
        raise StudyError(
            f"teaching needs {error.name}. Install it with: pip install 'offswitch[train]' "
            "(where pip would fetch CUDA, install torch's CPU build first)"
        ) from None


def _keep_memory() -> None:
    """Have glibc keep freed memory: by default every step's large buffers are mapped and zeroed anew (a third of the time)."""
    with contextlib.suppress(OSError, AttributeError):  # another C library: slower, no worse
        mallopt = ctypes.CDLL("libc.so.6").mallopt
        for parameter, value in ((_M_MMAP_MAX, 0), (_M_TRIM_THRESHOLD, 2**31 - 1), (_M_TOP_PAD, 500_000_000)):
            mallopt(parameter, value)


def _load(gguf: Path, recipe: Recipe) -> tuple[Any, Any]:
    """Load model and tokenizer from the GGUF itself: what is taught is what will be served."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer

    place, name = str(gguf.parent), gguf.name
    tokenizer = AutoTokenizer.from_pretrained(place, gguf_file=name)
    base: Any = AutoModelForCausalLM.from_pretrained(place, gguf_file=name, dtype=torch.float32)
    base.is_quantized = False  # transformers has de-quantised the weights to float32, but still calls them GGUF
    torch.manual_seed(0)
    lora = LoraConfig(r=recipe.rank, lora_alpha=recipe.alpha, target_modules="all-linear", task_type="CAUSAL_LM")
    return get_peft_model(base, lora), tokenizer


def _fit(
    model: Any, examples: Sequence[dict[str, list[Any]]], course: Course, seed: int, out: Path
) -> list[dict[str, float]]:
    """Run transformers' Trainer over one course, from its last checkpoint if there is one; return its log."""
    import torch
    from transformers import Trainer, TrainingArguments

    class Weighted(Trainer):  # type: ignore[misc,unused-ignore]
        def compute_loss(
            self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
        ) -> Any:
            # Trainer's own casting wraps the model's forward, which the loss below goes around.
            with torch.autocast("cpu", dtype=torch.bfloat16):
                return weighted_loss(model, inputs)

    arguments = TrainingArguments(
        output_dir=str(out), num_train_epochs=1, learning_rate=course.learning_rate,
        per_device_train_batch_size=course.batch, lr_scheduler_type="cosine", warmup_steps=course.warmup,
        logging_steps=10, save_strategy="steps", save_steps=50, save_total_limit=1, use_cpu=True,
        seed=seed, data_seed=seed, report_to=[], disable_tqdm=False, remove_unused_columns=False,
        train_sampling_strategy="group_by_length", label_names=["labels"],
    )  # fmt: skip
    trainer = Weighted(model=model, args=arguments, train_dataset=list(examples), data_collator=collate)
    done = any(out.glob("checkpoint-*"))
    result = trainer.train(resume_from_checkpoint=done or None)
    if result.training_loss != result.training_loss:
        raise StudyError("the loss is not a number; lower the learning rate. The last good checkpoint is kept.")
    return [x for x in trainer.state.log_history if isinstance(x, dict)]


def weighted_loss(model: Any, batch: Mapping[str, Any]) -> Any:
    """Return the weighted mean cross-entropy over the agent's tokens.

    Only their states pass through the head: over the whole text it costs a third more time (vocabulary 49,152).
    """
    from torch.nn.functional import cross_entropy

    base = model.get_base_model()
    # No mask: the padding stands on the right, where a causal model never looks back from, and attention is faster.
    states = base.model(input_ids=batch["input_ids"]).last_hidden_state[:, :-1]
    wanted = batch["labels"][:, 1:]
    learnt = wanted != IGNORED
    weights = batch["weights"][:, 1:][learnt]
    losses = cross_entropy(base.lm_head(states[learnt]).float(), wanted[learnt], reduction="none")
    return (losses * weights).sum() / weights.sum()


def collate(batch: Sequence[dict[str, list[Any]]]) -> dict[str, Any]:
    """Pad a batch on the right: ids and weights with 0, labels with `IGNORED`."""
    import torch

    width = max(len(e["input_ids"]) for e in batch)

    def padded(rows: list[list[Any]], fill: float) -> Any:
        return torch.tensor([row + [fill] * (width - len(row)) for row in rows])

    ids = [e["input_ids"] for e in batch]
    return {
        "input_ids": padded(ids, 0), "labels": padded([e["labels"] for e in batch], IGNORED),
        "weights": padded([e["weights"] for e in batch], 0.0),
    }  # fmt: skip


def _tensors(model: Any) -> dict[str, Any]:
    from peft import get_peft_model_state_dict

    return {k: v.float().numpy() for k, v in get_peft_model_state_dict(model).items()}
