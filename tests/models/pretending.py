"""A folder that is a model in every respect but that its weights are a few zeros: made at once."""

import json
from pathlib import Path

from acestep_desktop.models.tensors import Tensor, header_of

PARTS = {
    "transformer": "AceStepTransformer1DModel",
    "condition_encoder": "AceStepConditionEncoder",
    "vae": "AutoencoderOobleck",
    "text_encoder": "Qwen3Model",
}


def pretended_model(folder: Path, *, kind: str = "turbo", hidden: int = 2048) -> Path:
    """Make such a folder in the diffusers layout, without torch."""
    index: dict[str, object] = {"_class_name": "AceStepPipeline"}
    for part, name in PARTS.items():
        library = "transformers" if part == "text_encoder" else "diffusers"
        index[part] = [library, name]
        (folder / part).mkdir(parents=True)
        config = {"_class_name": name, "hidden_size": hidden, "model_version": kind}
        config["is_turbo"] = kind == "turbo"
        (folder / part / "config.json").write_text(json.dumps(config))
        zeros = (Tensor(f"{part}.weight", "F32", (4, 400), folder, 0, 6_400),)
        weights = header_of(zeros) + bytes([len(part)]) * 6_400
        stem = "model" if part == "text_encoder" else "diffusion_pytorch_model"
        (folder / part / f"{stem}.safetensors").write_bytes(weights)
    index["tokenizer"] = ["transformers", "Qwen2Tokenizer"]
    index["scheduler"] = ["diffusers", "FlowMatchEulerDiscreteScheduler"]
    for part, name in (("tokenizer", "tokenizer.json"), ("scheduler", "scheduler_config.json")):
        (folder / part).mkdir()
        (folder / part / name).write_text("{}")
    (folder / "model_index.json").write_text(json.dumps(index))
    (folder / "README.md").write_text("---\nlicense: mit\n---\n# Tiny\n")
    return folder
