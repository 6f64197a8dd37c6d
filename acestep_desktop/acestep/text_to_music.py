"""Music from words alone: silence as the source, and all of it to be made."""

from acestep_desktop.acestep.finishing import Levelled
from acestep_desktop.acestep.length import frames_of, latents_for, made_seconds, music_of
from acestep_desktop.acestep.loaded import LoadedModel
from acestep_desktop.acestep.plan import Plan, Wish
from acestep_desktop.acestep.presets import preset_of, timesteps
from acestep_desktop.acestep.tasks_shared import all_of
from acestep_desktop.acestep.wording import INSTRUCTION
from acestep_desktop.domain.time import SAMPLE_RATE


def plan(wish: Wish, model: LoadedModel) -> Plan:
    """Return how a wish for new music is carried out."""
    frames = frames_of(wish.understanding)
    seconds = made_seconds(frames)
    source = model.silence(latents_for(round(seconds * SAMPLE_RATE), model.hop))
    preset = preset_of(model.kind, wish.request.sampling)
    return Plan(
        prompt=model.wording(wish, INSTRUCTION, seconds),
        context=all_of(source),
        timesteps=timesteps(preset.steps, preset.shift),
        frames=frames,
        music=music_of(wish.understanding),
        finish=lambda: Levelled(frames),
        guidance_scale=preset.guidance_scale,
    )
