"""A small classifier of unsafe pictures: MobileNetV2 of the npm package nsfwjs, run by torch. See NOTICE."""
