"""Draws what the studio drew, in plain diffusers: an exported notebook carries the text of this file.

So nothing of ours is imported here. The studio keeps latents in float32 on the CPU, whatever the model's own number
format is, and gives every picture a generator of its own; that is why this is a loop of its own and not one call of a
pipeline, which would round at other places. A test draws with both and compares every pixel.
"""

import base64
import hashlib
import inspect
import io
import json
from pathlib import Path

import diffusers
import numpy as np
import torch
from PIL import Image, ImageOps
from safetensors.torch import load_file

DEVICE = "cpu"
DTYPE = torch.bfloat16

OVERLAP, UNSURE = 32, 12  # of enlarged tiles: what neighbours share, and what of it is not trusted


def load(where, family="sd", revision=None, adapter=None):
    """A model as a diffusers pipeline, used as a bag of parts. `where` is a folder, or a name on the hub.

    An `adapter` is a LoRA file that becomes part of the weights.
    """
    options = {"torch_dtype": DTYPE, "use_safetensors": True, "revision": revision}
    if Path(where).is_dir():
        listed = json.loads((Path(where) / "model_index.json").read_text())
        unchecked = "safety_checker" in listed
        options["variant"] = "fp16" if any(Path(where).rglob("*.fp16.safetensors")) else None
    else:
        unchecked = family == "sd"
    if unchecked:
        options |= {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
    pipe = diffusers.DiffusionPipeline.from_pretrained(where, **options)
    if adapter:
        pipe.load_lora_weights(Path(adapter).parent, weight_name=Path(adapter).name)
        pipe.fuse_lora()
        pipe.unload_lora_weights()
    pipe.to(DEVICE)
    for part in (pipe.unet, pipe.vae):
        part.to(memory_format=torch.channels_last)
    return pipe


def scheduler_of(pipe, name, steps):
    teacher = {"original_inference_steps": max(50, steps)}  # as many steps as a consistency model's teacher had
    kinds = {
        "euler": (diffusers.EulerDiscreteScheduler, {}),
        "euler_a": (diffusers.EulerAncestralDiscreteScheduler, {}),
        "dpmpp_2m": (diffusers.DPMSolverMultistepScheduler, {"algorithm_type": "dpmsolver++"}),
        "dpmpp_2m_karras": (
            diffusers.DPMSolverMultistepScheduler,
            {"algorithm_type": "dpmsolver++", "use_karras_sigmas": True},
        ),
        "ddim": (diffusers.DDIMScheduler, {"clip_sample": False}),
        "unipc": (diffusers.UniPCMultistepScheduler, {}),
        "lcm": (diffusers.LCMScheduler, teacher),
        "tcd": (diffusers.TCDScheduler, teacher),
    }
    kind, options = kinds[name]
    return kind.from_config(dict(pipe.scheduler.config), **options)


def encoders_of(pipe):
    """Each tokenizer with its text encoder: one pair, for SDXL two."""
    pairs = [(pipe.tokenizer, pipe.text_encoder)]
    return [*pairs, (pipe.tokenizer_2, pipe.text_encoder_2)] if getattr(pipe, "tokenizer_2", None) else pairs


def learn(pipe, words):
    """Learned words (textual inversion): files by the token that stands for each of them in prompts."""
    for token, file in words.items():
        kept = load_file(file)
        vectors = [kept[name] for name in ("clip_l", "clip_g") if name in kept] or list(kept.values())
        for (tokenizer, encoder), one in zip(encoders_of(pipe), vectors):  # noqa: B905 (a file may have one too many)
            pipe.load_textual_inversion({token: one}, token=token, tokenizer=tokenizer, text_encoder=encoder)


def encode_prompt(pipe, prompt):
    """Tokens (1, T, D) and, for SDXL, the pooled embedding. `prompt` is a text, or a list of (text, weight)."""
    pieces = [(prompt, 1.0)] if isinstance(prompt, str) else prompt
    pairs = encoders_of(pipe)
    two = len(pairs) > 1
    states, pooled = [], None
    for tokenizer, encoder in pairs:
        # A learned word of many vectors has a token for each.
        read = [(pipe.maybe_convert_prompt(text, tokenizer), weight) for text, weight in pieces]
        ids, mask, weights = tokens_of(tokenizer, read)
        if two:
            answer = encoder(ids.to(DEVICE), output_hidden_states=True)
            pooled, found = answer[0], answer.hidden_states[-2]
        else:
            masked = mask.to(DEVICE) if getattr(encoder.config, "use_attention_mask", False) else None
            found = encoder(ids.to(DEVICE), attention_mask=masked)[0]
        if not bool((weights == 1).all()):
            scaled = found * weights[..., None].to(found)
            found = scaled * (found.float().mean() / scaled.float().mean()).to(found)
        states.append(found)
    return torch.cat(states, dim=-1), pooled


def tokens_of(tokenizer, pieces):
    """Ids, attention mask and weights, each (1, T): a weighted prompt is read piece by piece."""
    length = tokenizer.model_max_length
    whole = "".join(text for text, _ in pieces)
    plain = tokenizer(whole, padding="max_length", max_length=length, truncation=True, return_tensors="pt")
    weights = torch.ones(1, length)
    if len(pieces) == 1 and pieces[0][1] == 1.0:
        return plain.input_ids, plain.attention_mask, weights
    read = [(tokenizer(text, add_special_tokens=False).input_ids, weight) for text, weight in pieces]
    inner = [(token, weight) for ids, weight in read for token in ids][: length - 2]
    first, last = tokenizer("", return_tensors="pt").input_ids[0, [0, -1]].tolist()
    filler = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else last
    ids = [first, *(token for token, _ in inner), last]
    mask = torch.zeros(1, length, dtype=plain.attention_mask.dtype)
    mask[0, : len(ids)] = 1
    weights[0, 1 : len(inner) + 1] = torch.tensor([weight for _, weight in inner])
    return torch.tensor([ids + [filler] * (length - len(ids))]), mask, weights


@torch.inference_mode()
def draw(pipe, prompt, seed, *, size, steps, guidance, scheduler, negative="", upscaler=None, adapters=(), **start):
    """(H, W, 3) bytes. `size` (width, height) is what the model draws; an `upscaler` enlarges it afterwards.

    To start from a picture: `image`, `strength`, and a `mask` (redrawn from 128 on), both of the finished size.
    `adapters` are LoRA files with their weights, `controls` networks with their map, weight, start and end.
    """
    wear(pipe, tuple(adapters))
    image, mask, strength = start.get("image"), start.get("mask"), start.get("strength", 1.0)
    noises = scheduler_of(pipe, scheduler, steps)
    noises.set_timesteps(steps)
    skipped = 0 if image is None else (steps - min(int(steps * strength), steps)) * noises.order
    if skipped and hasattr(noises, "set_begin_index"):
        noises.set_begin_index(skipped)
    times = noises.timesteps[skipped:]
    generator = torch.Generator().manual_seed(seed)
    small, small_mask = shrunk(image, size), shrunk(mask, size)
    latents, noise, clean = begin(pipe, noises, times, generator, size, small, small_mask, strength)
    grid, hints = masking(pipe, generator, latents, small, small_mask)
    words = words_of(pipe, prompt, negative, guidance)
    controls = [(network, levels_of(shrunk(found, size)), *say) for network, found, *say in start.get("controls", ())]
    options = {"generator": generator} if "generator" in inspect.signature(noises.step).parameters else {}
    for number, time in enumerate(times):
        sample = noises.scale_model_input(latents, time)
        full = sample if hints is None else torch.cat([sample, hints], dim=1)
        guess = guess_noise(pipe, full, time, words, size, having_a_say(controls, number, len(times)))
        guess = guess[:1] + guidance * (guess[1:] - guess[:1]) if len(words) > 1 else guess
        latents = noises.step(guess, time, latents, **options).prev_sample
        if grid is not None and hints is None:  # what is kept is laid back, as noisy as the rest is now
            left = times[number + 1 : number + 2]
            kept = noises.add_noise(clean, noise, left) if len(left) else clean
            latents = (1 - grid) * kept + grid * latents
    pixels = composite(small, decode(pipe, latents), small_mask)
    return pixels if upscaler is None else composite(image, enlarged(upscaler, pixels), mask)


def begin(pipe, noises, times, generator, size, small, small_mask, strength):
    """Latents to start from, the noise in them, and the picture's own latents. Draws on the generator in this order."""
    clean = None
    if small is not None and not (takes_mask(pipe) and small_mask is not None and strength == 1):
        clean = encode_picture(pipe, small, generator)
    channels, scale = pipe.unet.config.out_channels, pipe.vae_scale_factor
    noise = torch.randn((1, channels, size[1] // scale, size[0] // scale), generator=generator)
    pure = clean is None or (small_mask is not None and strength == 1)
    return noise * noises.init_noise_sigma if pure else noises.add_noise(clean, noise, times[:1]), noise, clean


def masking(pipe, generator, latents, small, small_mask):
    """The mask at the size of the latents; for a model with inputs for it also what those are given."""
    if small_mask is None:
        return None, None
    white = small_mask >= 128
    grid = torch.from_numpy(white.astype(np.float32))[None, None]
    grid = torch.nn.functional.interpolate(grid, size=latents.shape[-2:])
    if not takes_mask(pipe):
        return grid, None
    covered = small.astype(np.float32) / 127.5 - 1
    covered[white] = 0
    return grid, torch.cat([grid, encode_picture(pipe, covered, generator)], dim=1)


def takes_mask(pipe):
    return pipe.unet.config.in_channels == 2 * pipe.unet.config.out_channels + 1


def words_of(pipe, prompt, negative, guidance):
    """Embeddings of the prompt, and before them those that guidance leads away from."""
    wanted = encode_prompt(pipe, prompt)
    if guidance <= 1:
        return [wanted]
    without = encode_prompt(pipe, negative)
    if not negative and pipe.config.get("force_zeros_for_empty_prompt", False):
        without = [None if one is None else torch.zeros_like(one) for one in without]
    return [without, wanted]


WORN = {}  # what each pipeline wears


def wear(pipe, adapters):
    """Exactly these LoRA files, and no others."""
    if WORN.get(id(pipe), ()) == adapters:
        return
    pipe.unload_lora_weights()
    names = [f"adapter{number}" for number in range(len(adapters))]
    for name, (file, _) in zip(names, adapters, strict=True):
        pipe.load_lora_weights(Path(file).parent, weight_name=Path(file).name, adapter_name=name)
    if names:
        pipe.set_adapters(names, [weight for _, weight in adapters])
    WORN[id(pipe)] = adapters


def load_control(where):
    """A ControlNet: a folder, or a name on the hub."""
    network = diffusers.ControlNetModel.from_pretrained(where, torch_dtype=DTYPE, use_safetensors=True)
    return network.to(DEVICE, memory_format=torch.channels_last)


def levels_of(pixels):
    """A map as a network takes it: (1, 3, H, W) from 0 to 1."""
    return torch.from_numpy(pixels.astype(np.float32) / 255).permute(2, 0, 1)[None]


def having_a_say(controls, step, steps):
    """Networks with their maps and weights, those alone that shape this step."""
    return [
        (network, levels, weight)
        for network, levels, weight, start, end in controls
        if weight and step / steps >= start and (step + 1) / steps <= end
    ]


def steered(controls, sample, times, states, added):
    """What the networks add to the UNet's blocks, summed in their order."""
    summed = None
    for network, levels, weight in controls:
        maps = torch.cat([levels] * len(sample)).to(DEVICE, DTYPE)
        words = {"encoder_hidden_states": states, "added_cond_kwargs": added}
        down, middle = network(sample, times, controlnet_cond=maps, return_dict=False, **words)
        scale = torch.tensor([weight] * len(sample)).to(sample)[:, None, None, None]
        found = [part * scale for part in (*down, middle)]
        summed = found if summed is None else [one + more for one, more in zip(summed, found, strict=True)]
    if summed is None:
        return {}
    return {"down_block_additional_residuals": summed[:-1], "mid_block_additional_residual": summed[-1]}


def control_map(kind, pixels):
    """A picture as a control network sees it, drawn by controlnet_aux."""
    height, width = pixels.shape[:2]
    if kind == "as_it_is":
        return pixels
    if kind == "tile":
        small = Image.fromarray(pixels).resize((max(1, width // 8), max(1, height // 8)), Image.Resampling.BOX)
        return np.asarray(small.resize((width, height), Image.Resampling.BICUBIC))
    import controlnet_aux

    side, np_state = min(height, width), np.random.get_state()
    if kind == "lines":
        return np.asarray(controlnet_aux.LineartStandardDetector()(pixels, detect_resolution=side, output_type="np"))
    np.random.seed(0)  # shuffled the same way each time
    options = {"h": height, "w": width} if kind == "shuffle" else {}
    detector = {"canny": controlnet_aux.CannyDetector, "shuffle": controlnet_aux.ContentShuffleDetector}[kind]()
    found = detector(pixels, detect_resolution=side, image_resolution=side, **options)
    np.random.set_state(np_state)
    return np.asarray(Image.fromarray(np.asarray(found)).convert("RGB").resize((width, height)))


def guess_noise(pipe, sample, time, words, size, controls=()):
    """One call of the UNet for all words, in its own number format; the answer in float32."""
    states = torch.cat([state for state, _ in words])
    sample, (width, height) = torch.cat([sample] * len(words)), size
    added = None
    if words[-1][1] is not None:
        ids = torch.tensor([[height, width, 0, 0, height, width]], dtype=states.dtype, device=states.device)
        added = {"text_embeds": torch.cat([pooled for _, pooled in words]), "time_ids": ids.repeat(len(words), 1)}
    sample = sample.to(DEVICE, DTYPE, memory_format=torch.channels_last)
    times = torch.stack([time.float()] * len(words)).to(DEVICE)
    extra = steered(controls, sample[:, : pipe.unet.config.out_channels], times, states, added)
    guess = pipe.unet(sample, times, encoder_hidden_states=states, added_cond_kwargs=added, **extra).sample
    return guess.float().cpu()


def encode_picture(pipe, pixels, generator):
    """(H, W, 3) bytes, or floats from -1 to 1, to latents; a variational encoder draws from the generator."""
    levels = pixels.astype(np.float32) / 127.5 - 1 if pixels.dtype == np.uint8 else pixels
    sample = torch.from_numpy(levels).permute(2, 0, 1)[None].contiguous()
    answer = pipe.vae.encode(sample.to(DEVICE, pipe.vae.dtype))
    found = answer.latent_dist.sample(generator) if hasattr(answer, "latent_dist") else answer.latents
    shift = getattr(pipe.vae.config, "shift_factor", None) or 0.0
    return (found.float().cpu() - shift) * pipe.vae.config.scaling_factor


def decode(pipe, latents):
    scaled = latents / pipe.vae.config.scaling_factor + (getattr(pipe.vae.config, "shift_factor", None) or 0.0)
    sample = pipe.vae.decode(scaled.to(DEVICE, pipe.vae.dtype)).sample[0]
    levels = ((sample.float() / 2 + 0.5).clamp(0, 1) * 255).round().byte()
    return np.ascontiguousarray(levels.permute(1, 2, 0).cpu().numpy())


def shrunk(array, size):
    """From the finished to the drawn size (width, height), averaging whole blocks of pixels."""
    if array is None or array.shape[1::-1] == tuple(size):
        return array
    return np.asarray(Image.fromarray(array).resize(tuple(size), Image.Resampling.BOX))


def resized(array, size):
    """To (width, height) by Lanczos."""
    if array.shape[1::-1] == tuple(size):
        return array
    return np.asarray(Image.fromarray(array).resize(tuple(size), Image.Resampling.LANCZOS))


def fitted(array, size):
    """Exactly (width, height): scaled until it covers, then cut evenly on both sides."""
    if array.shape[1::-1] == tuple(size):
        return array
    return np.array(ImageOps.fit(Image.fromarray(array), tuple(size), Image.Resampling.LANCZOS))


def composite(kept, drawn, mask):
    """`drawn` where the mask is 255, `kept` to the last bit where it is 0, mixed between; without a mask all drawn."""
    if mask is None:
        return drawn
    share = mask[..., None].astype(np.float32) / 255
    return (kept + share * (drawn.astype(np.float32) - kept)).round().astype(np.uint8)


def redraw(pipe, prompt, seed, *, image, mask, box, drawn, reach, margins=(0, 0, 0, 0), **options):
    """Inpainting: the `box` (left, top, right, bottom) of the canvas is drawn at the size `drawn` and laid back.

    `mask` is of the canvas, which is the image with `margins` (left, top, right, bottom); 255 is redrawn, 0 is kept.
    """
    left, top, right, bottom = margins
    canvas = np.pad(image, ((top, bottom), (left, right), (0, 0)), mode="edge")
    part, marked = resized(cut(canvas, box), drawn), generous(resized(cut(mask, box, 255), drawn), reach)
    made = resized(draw(pipe, prompt, seed, image=part, mask=marked, **options), (box[2] - box[0], box[3] - box[1]))
    height, width = mask.shape
    rows, columns = slice(max(box[1], 0), min(box[3], height)), slice(max(box[0], 0), min(box[2], width))
    inside = made[rows.start - box[1] : rows.stop - box[1], columns.start - box[0] : columns.stop - box[0]]
    whole = canvas.copy()
    whole[rows, columns] = composite(whole[rows, columns], inside, mask[rows, columns])
    return whole


def cut(array, box, beyond=None):
    """What is in the box; beyond the canvas its edge goes on, or the value `beyond`."""
    left, top, right, bottom = box
    height, width = array.shape[:2]
    inside = array[max(top, 0) : min(bottom, height), max(left, 0) : min(right, width)]
    sides = ((max(-top, 0), max(bottom - height, 0)), (max(-left, 0), max(right - width, 0)))
    pads = sides + ((0, 0),) * (array.ndim - 2)
    return np.pad(inside, pads, mode="edge") if beyond is None else np.pad(inside, pads, constant_values=beyond)


def generous(mask, reach):
    """All that is marked at all, and `reach` pixels more: what the model redraws."""
    grown = np.pad((mask > 0).astype(np.uint8) * 255, reach)
    height, width = mask.shape
    grown = np.maximum.reduce([grown[shift : shift + height] for shift in range(2 * reach + 1)])
    return np.maximum.reduce([grown[:, shift : shift + width] for shift in range(2 * reach + 1)])


def load_upscaler(path):
    """A super-resolution network that spandrel knows, in the studio's number format where it keeps its precision."""
    from spandrel import ModelLoader

    found = ModelLoader(device="cpu").load_from_file(path)
    exact = {torch.bfloat16: found.supports_bfloat16, torch.float16: found.supports_half}.get(DTYPE, True)
    network = found.eval().to(DEVICE, DTYPE if exact else torch.float32)
    network.model.to(memory_format=torch.channels_last)
    return network


@torch.inference_mode()
def enlarged(network, pixels):
    """(scale * H, scale * W, 3), in tiles that overlap, faded into each other."""
    heavy = sum(weight.numel() for weight in network.model.parameters()) >= 4_000_000
    tile, scale = 128 if heavy else 256, network.scale
    height, width = pixels.shape[:2]
    result = np.zeros((height * scale, width * scale, 3), np.uint8)
    rows, columns = starts(height, tile), starts(width, tile)
    for row, top in enumerate(rows):
        for column, left in enumerate(columns):
            source = torch.from_numpy(np.ascontiguousarray(pixels[top : top + tile, left : left + tile])).to(DEVICE)
            source = source.permute(2, 0, 1)[None].to(network.dtype) / 255
            made = network(source.contiguous(memory_format=torch.channels_last))[0].permute(1, 2, 0).float() * 255
            above = (rows[row - 1] + tile - top) * scale if row else 0
            before = (columns[column - 1] + tile - left) * scale if column else 0
            blend(result[top * scale :, left * scale :], made.cpu().numpy(), above, before)
    return result


def upscale(network, pixels, size):
    """`pixels` enlarged to (width, height); the network runs again where once is far from enough."""
    have, scale, sizes = pixels.shape[1], network.scale, []
    if scale > 1 and have < size[0]:
        sizes.append(pixels.shape[1::-1])
        have *= scale
        while size[0] > 1.5 * have:
            have = max(1, round(have * min(1.0, size[0] / (have * scale))))
            sizes.append((have, max(1, round(size[1] * have / size[0]))))
            have *= scale
    for one in sizes:
        pixels = enlarged(network, resized(pixels, one))
    return resized(pixels, size)


def creative(pipe, network, pixels, size, prompt, seed, *, size_drawn, strength, upscaler=None, **options):
    """Enlarged, then every tile once through the model, faded into those above and before it, all from one seed."""
    pixels = upscale(network, pixels, size)
    times = 1 if upscaler is None else upscaler.scale
    across, down = size_drawn[0] * times, size_drawn[1] * times
    rows, columns = starts(size[1], down, down // 4), starts(size[0], across, across // 4)
    result = pixels.copy()
    for row, top in enumerate(rows):
        for column, left in enumerate(columns):
            part = pixels[top : top + down, left : left + across]
            missing = [(0, want - have) for want, have in zip((down, across), part.shape[:2], strict=True)]
            start = {"image": np.pad(part, (*missing, (0, 0)), mode="edge"), "strength": strength}
            drawn = draw(pipe, prompt, seed, size=size_drawn, upscaler=upscaler, **start, **options)
            above = rows[row - 1] + down - top if row else 0
            before = columns[column - 1] + across - left if column else 0
            shown = drawn[: part.shape[0], : part.shape[1]].astype(np.float32)
            blend(result[top:, left:], shown, above, before)
    return result


def starts(length, tile, overlap=OVERLAP):
    if length <= tile:
        return [0]
    count = -(-(length - overlap) // (tile - overlap))
    return [round(number * (length - tile) / (count - 1)) for number in range(count)]


def blend(place, part, above, before):
    height, width = part.shape[:2]
    mask = fade(height, above)[:, None, None] * fade(width, before)[None, :, None]
    under = place[:height, :width]
    under[...] = (under + mask * (part - under)).clip(0, 255).round()


def fade(length, shared):
    if shared == 0:
        return np.ones(length, np.float32)
    edge = shared * UNSURE / OVERLAP
    ramp = (np.arange(length, dtype=np.float32) + 0.5 - edge) / (shared - 2 * edge)
    return ramp.clip(0, 1)


def picture(text):
    """(H, W, 3) bytes of a picture, or (H, W) of a mask, that is kept inside the notebook."""
    found = Image.open(io.BytesIO(base64.b64decode(text)))
    return np.asarray(found if found.mode == "L" else found.convert("RGB"))


def digest(pixels):
    """Equal for equal pixels, whatever file they are in."""
    return hashlib.sha256(repr(pixels.shape).encode() + np.ascontiguousarray(pixels).tobytes()).hexdigest()[:16]


def finish(name, pictures, wanted):
    """Shows the pictures, or writes them beside a script, and says whether they are the studio's to the last bit."""
    equal = sum(digest(one) == other for one, other in zip(pictures, wanted, strict=True))
    print(f"{name}: {equal} of {len(pictures)} equal to the studio's")
    images = [Image.fromarray(one) for one in pictures]
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        get_ipython = None
    for number, image in enumerate(images, 1):
        if get_ipython is not None and get_ipython() is not None:
            display(image)
        else:
            image.save(f"{name}-{number}.png")
    return equal
