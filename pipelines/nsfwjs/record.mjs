// Records what nsfwjs itself says about the pictures of the test, so that our network can be compared with it.
//
//     npm install nsfwjs@4.3.0 @tensorflow/tfjs@4.22.0
//     python -m tests.pipelines.nsfwjs.pictures FOLDER
//     node record.mjs FOLDER > tests/pipelines/nsfwjs/recorded.json
//
// FOLDER then holds raw RGB bytes in files named <name>-<width>x<height>.rgb.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createRequire } from "node:module";

const require = createRequire(join(process.cwd(), "record.mjs"));
const tf = require("@tensorflow/tfjs");
const { load } = require("nsfwjs/core");
const { MobileNetV2Model } = require("nsfwjs/models/mobilenet_v2");

console.info = () => {};
const model = await load("MobileNetV2", { modelDefinitions: [MobileNetV2Model], size: 224 });
const folder = process.argv[2];
const recorded = {};
for (const file of readdirSync(folder).sort()) {
  const [, name, width, height] = /^(.+)-(\d+)x(\d+)\.rgb$/.exec(file);
  const picture = tf.tensor3d(new Uint8Array(readFileSync(join(folder, file))), [Number(height), Number(width), 3], "int32");
  const classes = await model.classify(picture);
  recorded[name] = Object.fromEntries(
    classes.map(({ className, probability }) => [className.toLowerCase(), Number(probability.toFixed(6))]).sort(),
  );
}
process.stdout.write(`${JSON.stringify(recorded, null, 2)}\n`);
