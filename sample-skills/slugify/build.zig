const std = @import("std");

pub fn build(b: *std.Build) void {
    const skill = b.addExecutable(.{
        .name = "slugify",
        .root_module = b.createModule(.{
            .root_source_file = b.path("src/main.zig"),
            .target = b.resolveTargetQuery(.{ .cpu_arch = .wasm32, .os_tag = .freestanding }),
            .optimize = b.standardOptimizeOption(.{}),
        }),
    });
    skill.entry = .disabled; // a skill has no `_start`
    skill.rdynamic = true; // what is marked `export` is exported
    b.installArtifact(skill);
}
