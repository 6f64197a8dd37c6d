"""Compiled forms of a transformer's block: made from its shape alone, used with any weights.

A form is for one length, number of rows, precision and device; how many states it
attends to stays open, as that changes with every text. Its weights are given to it
at each call: all layers share one form, and it stays right when they are moved.
"""

import os
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import torch
from torch import Tensor, nn

from acestep_desktop.acestep.block import KeyValue, walked
from acestep_desktop.acestep.errors import CompileError

Form = Callable[..., Tensor]
"""Takes the weights of a layer, then hidden states, modulation, keys, values, cosines, sines."""

Lower = Callable[[Any, Sequence[Tensor]], Any]
"""Makes something saveable, and callable, of a graph and examples of what it is given."""

MOST_STATES: Final = 1 << 16
_STATES: Final = 300
"""As many as a text of usual length and its timbre have; a form takes any number but one."""

_ALIKE_DB: Final = {torch.float32: 80.0, torch.bfloat16: 30.0}
"""A form that is further from the plain block is wrong: rounding alone is not heard."""


@dataclass(frozen=True, slots=True)
class BlockShape:
    """All that a compiled form depends on.

    `window` is None where a token sees all others. `threads` are those of the
    processor, which the form is cut for; 0 on a card.
    """

    hidden: int
    heads: int
    groups: int
    head_dim: int
    inner: int
    bias: bool
    eps: float
    rows: int
    tokens: int
    window: int | None
    dtype: str
    device: str
    threads: int


def shape_of(
    transformer: Any, index: int, rows: int, tokens: int, like: Tensor
) -> BlockShape | None:
    """Return the shape of a layer at work; None for one that is not as it was loaded.

    Layers in eight bits keep their weights where no compiler of torch sees them.
    """
    layer, config = transformer.layers[index], transformer.config
    if any(hasattr(m, "in_features") and type(m) is not nn.Linear for m in layer.modules()):
        return None
    near = transformer.layer_types[index] == "sliding_attention"
    window = int(config.sliding_window)
    return BlockShape(
        hidden=int(config.hidden_size),
        heads=int(config.num_attention_heads),
        groups=int(config.num_key_value_heads),
        head_dim=int(config.head_dim),
        inner=int(config.intermediate_size),
        bias=bool(config.attention_bias),
        eps=float(layer.self_attn_norm.eps),
        rows=rows,
        tokens=tokens,
        # Where the window holds all there is, both kinds of layers are the same.
        window=window if near and tokens > window + 1 else None,
        dtype=str(like.dtype).removeprefix("torch."),
        device=like.device.type,
        threads=torch.get_num_threads() if like.device.type == "cpu" else 0,
    )


def weights_of(layer: nn.Module) -> Callable[[], list[Tensor]]:
    """Return what gives the weights that a layer has now, in the order that its form takes them.

    Parts are moved between jobs, and to look each layer through at each step is slow.
    """
    places = [
        (module._parameters, name) for module in layer.modules() for name in module._parameters
    ]
    places = [(place, name) for place, name in places if place[name] is not None]
    return lambda: [cast("Tensor", place[name]) for place, name in places]


def compile_form(shape: BlockShape, path: Path, lower: Lower | None = None) -> None:
    """Make the form for `shape` and save it as the file `path`.

    Takes seconds to minutes, and memory for two blocks. Raises CompileError where
    what the compiler makes is wrong, and what a compiler raises.
    """
    with torch.no_grad(), warnings.catch_warnings():
        # What torch says of its own future is of no use to a person.
        warnings.simplefilter("ignore")
        _compile(shape, path, lower or _lowered)


def load_form(path: Path, folder: Path) -> Form:
    """Return the form saved as `path`, whose cache is in `folder`; raises what torch raises."""
    # No public name has it yet; and it is half a compiler to import.
    from torch._inductor.standalone_compile import CompiledArtifact

    use_folder(folder)
    saved: Any = CompiledArtifact.load(path=str(path))

    def form(*given: Tensor) -> Tensor:
        return _alone(saved(*given))

    return form


def use_folder(folder: Path) -> None:
    """Have torch's compilers keep what they make in `folder`, and work in this process alone."""
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(folder)
    # More are processes of their own, which live on when this one is ended.
    os.environ["TORCHINDUCTOR_COMPILE_THREADS"] = "1"


class _Walk(nn.Module):
    """A layer and how it is walked through, as a module: that can be traced."""

    def __init__(self, layer: nn.Module, window: int | None) -> None:
        super().__init__()
        self.layer = layer
        self._window = window

    def forward(
        self,
        hidden: Tensor,
        modulation: Tensor,
        key: Tensor,
        value: Tensor,
        cosines: Tensor,
        sines: Tensor,
    ) -> Tensor:
        positions: KeyValue = (cosines, sines)
        return walked(
            self.layer,
            hidden,
            modulation,
            crossed=(key, value),
            positions=positions,
            window=self._window,
        )


def _compile(shape: BlockShape, path: Path, lower: Lower) -> None:
    if shape.threads:
        torch.set_num_threads(shape.threads)
    walk = _Walk(_random_layer(shape), shape.window)
    weights, given = weights_of(walk)(), _examples(shape, _STATES)
    states = torch.export.Dim("states", min=2, max=MOST_STATES)
    traced = torch.export.export(
        walk, given, dynamic_shapes=(None, None, {2: states}, {2: states}, None, None)
    )
    # As it is traced, torch 2.13 compiles it to a graph that gives NaN; decomposed, to a right one.
    graph = traced.run_decompositions({}).graph_module
    saved = lower(graph, [*weights, *given])
    for count in (_STATES, _STATES // 2 + 1):
        other = _examples(shape, count)
        _check(walk(*other), _alone(saved(*weights, *other)))
    part = path.with_suffix(f".{os.getpid()}")
    try:
        saved.save(path=str(part), format="binary")
        part.replace(path)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _lowered(graph: Any, given: Sequence[Tensor]) -> Any:
    # The default mode, also on cards: CUDA graphs keep their state by thread, hold the memory
    # that they ran in, and would have to be recorded anew whenever a part was moved.
    from torch._inductor import config, standalone_compile

    # Precompiled headers are 150 MB outside of the cache's folder, for two small files.
    with config.patch(cpp_cache_precompile_headers=False):
        return standalone_compile(graph, list(given), dynamic_shapes="from_graph")


def _random_layer(shape: BlockShape) -> nn.Module:
    from diffusers.models.transformers.ace_step_transformer import AceStepTransformerBlock

    with torch.device("meta"):
        layer: nn.Module = AceStepTransformerBlock(
            hidden_size=shape.hidden,
            num_attention_heads=shape.heads,
            num_key_value_heads=shape.groups,
            head_dim=shape.head_dim,
            intermediate_size=shape.inner,
            attention_bias=shape.bias,
            rms_norm_eps=shape.eps,
        )
    layer = layer.to(getattr(torch, shape.dtype)).to_empty(device=shape.device)
    layer.eval().requires_grad_(False)
    for parameter in layer.parameters():
        size = parameter[0].numel() if parameter.ndim > 1 else 1
        parameter.normal_(0.0, size**-0.5)
    return layer


def _examples(shape: BlockShape, states: int) -> tuple[Tensor, ...]:
    """Return what a block is given, laid out in memory as at work."""
    kind: Any = {"dtype": getattr(torch, shape.dtype), "device": shape.device}

    def split() -> Tensor:
        made = torch.randn(shape.rows, states, shape.groups, shape.head_dim, **kind)
        return made.transpose(1, 2)

    angles = torch.rand(shape.tokens, shape.head_dim, **kind)
    return (
        torch.randn(shape.rows, shape.tokens, shape.hidden, **kind),
        torch.randn(1, 6, shape.hidden, **kind),
        split(),
        split(),
        angles.cos(),
        angles.sin(),
    )


def _check(plain: Tensor, compiled: Tensor) -> None:
    """Raise CompileError unless both are the same but for rounding."""
    least = _ALIKE_DB.get(plain.dtype, _ALIKE_DB[torch.bfloat16])
    error = (plain.float() - compiled.float()).norm()
    alike_db = float(20 * torch.log10(plain.float().norm() / error))
    if not alike_db >= least:
        raise CompileError(f"compiled layers are off: {alike_db:.0f} dB, not {least:.0f}")


def _alone(output: Any) -> Tensor:
    """Return the one tensor that a compiled graph gives, in whatever it comes."""
    tensor: Tensor = output[0] if isinstance(output, list | tuple) else output
    return tensor
