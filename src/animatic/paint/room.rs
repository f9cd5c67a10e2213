//! A room: a wall the window's light falls on, or the window itself with the weather outside.

use super::Blend;
use super::color::{Rgb, fast_exp, glow, hex, lerp, smooth};
use super::noise::fbm;
use super::scene::Scene;
use super::sketch::{Point, Sketch};
use crate::animatic::plan::{ShotSize, Subject};

/// Inside.
pub fn interior(scene: &mut Scene) {
    let mut dice = scene.dice(101);
    let table = scene.shot.subject == Subject::StillLife
        || (scene.shot.size == ShotSize::Close && scene.shot.subject == Subject::Cat);
    let walls = [hex(0xc9_9f76), hex(0x8f_a09a), hex(0xb8_8878), hex(0xa8_a4a0), hex(0x6f_7f94), hex(0xbf_a98a)];
    let wall = walls[dice.below(walls.len())];
    let window = dice.chance(0.5) && !table || scene.shot.weather != crate::animatic::plan::Weather::Clear;
    let edge = if table { 0.80 } else { scene.feet() - 0.16 };
    let lamp = scene.light.lamps > 0.5;
    back_wall(scene, wall, edge, window, lamp);
    if window {
        shaft(scene, edge);
    } else {
        patch(scene, edge);
    }
    ground(scene, edge, table);
    let stand = if table { 0.885 } else { scene.feet() };
    scene.open(stand, 0.42, !table);
    foreground(scene);
}

/// Where the window stands: left, top, right, bottom.
fn pane(scene: &Scene) -> [f32; 4] {
    let a = scene.view.aspect;
    let w = (0.42f32).min(a * 0.46);
    let x = if scene.mark > a * 0.5 { a * 0.34 } else { a * 0.66 };
    [x - w / 2.0, 0.13, x + w / 2.0, 0.61]
}

fn inside(scene: &Scene, lamp: bool) -> impl Fn(f32, f32) -> Rgb + Sync + use<> {
    let light = scene.light.clone();
    let pane = pane(scene);
    let (wx, wy) = (pane[0].midpoint(pane[2]), 0.45);
    let (lx, ly) = (scene.mark, 0.20);
    move |x, y| {
        let day = (light.fill + light.key * 0.55) * (0.30 + 0.62 * glow(x - wx, (y - wy) * 0.8, 0.95));
        let warm = if lamp { hex(0xff_b468) * (0.10 + 0.80 * glow(x - lx, y - ly, 0.62)) } else { Rgb::BLACK };
        day + warm
    }
}

fn back_wall(scene: &mut Scene, wall: Rgb, edge: f32, window: bool, lamp: bool) {
    let (grain, light) = (scene.grain, scene.light.clone());
    let lit = inside(scene, lamp);
    let mut plane = scene.plane(1);
    let [x0, y0, x1, y1] = pane(scene);
    plane.fill(|at| {
        let cloth = 0.96 + 0.08 * fbm(at.x * 70.0, at.y * 70.0, grain + 1, 3, 0.5);
        let broad = 0.86 + 0.28 * fbm(at.x * 2.0, at.y * 2.0, grain, 3, 0.5);
        let foot = 1.0 - 0.35 * smooth(0.16, 0.0, edge - at.y);
        wall * lit(at.x, at.y) * (cloth * broad * foot)
    });
    if window {
        let mut glass = Sketch::new(&plane);
        glass.rect(x0, y0, x1, y1);
        let mid = lerp(y0, y1, 0.62);
        let fog = light.fog;
        plane.stencil(&glass.done(), |at, m| {
            let mut c = light.dome((at.y - y0) / (y1 - y0) * 1.05) * 1.25;
            let n = fbm(at.x * 3.0, at.y * 9.0, grain + 9, 4, 0.5);
            c = c.mix(light.haze * 1.2, smooth(0.5, 0.8, n) * 0.5);
            for (k, base) in [(0u32, mid), (1, mid + 0.06)] {
                let hill = base - 0.09 * (fbm(at.x * (3.0 + 2.0 * k as f32), k as f32, grain + 20 + k, 5, 0.5) - 0.4);
                let t = smooth(hill, hill + 0.004, at.y);
                c = c.mix(light.lit(hex(0x50_5c44), 0.3).mix(light.haze, (0.62 - 0.3 * k as f32) * fog.min(1.4)), t);
            }
            let wet = light.wet * smooth(0.60, 0.72, fbm(at.x * 60.0, at.y * 26.0, grain + 30, 3, 0.5));
            (c * (1.0 + 0.7 * wet), m)
        });
        frame(&mut plane, [x0, y0, x1, y1], &light, &lit);
    }
    pictures(scene, &mut plane, &lit);
    if lamp {
        pendant(scene, &mut plane);
    }
    scene.push(plane, 0.12, Blend::Over);
}

fn frame(
    plane: &mut super::canvas::Plane,
    [x0, y0, x1, y1]: [f32; 4],
    light: &super::palette::Palette,
    lit: &(impl Fn(f32, f32) -> Rgb + Sync),
) {
    let mut wood = Sketch::new(plane);
    let b = 0.013;
    for r in [[x0 - b, y0 - b, x1 + b, y0], [x0 - b, y1, x1 + b, y1 + b], [x0 - b, y0, x0, y1], [x1, y0, x1 + b, y1]] {
        wood.rect(r[0], r[1], r[2], r[3]);
    }
    let (mx, my) = (x0.midpoint(x1), lerp(y0, y1, 0.42));
    wood.rect(mx - 0.006, y0, mx + 0.006, y1);
    wood.rect(x0, my - 0.005, x1, my + 0.005);
    let paint = hex(0xe8_e0d4);
    plane.stencil(&wood.done(), |at, m| (paint * lit(at.x, at.y) * 0.55 + light.sky[2] * 0.05, m));
    let mut sill = Sketch::new(plane);
    sill.slab(x0 - 0.035, y1 + b, x1 + 0.035, y1 + b + 0.022, 0.004);
    plane.stencil(&sill.done(), |at, m| (paint * lit(at.x, at.y) * 0.9 + light.sky[2] * 0.18, m));
    let mut cloth = Sketch::new(plane);
    for (x, s) in [(x0 - 0.055, 1.0f32), (x1 + 0.055, -1.0)] {
        cloth.body(&[
            (x - s * 0.05, y0 - 0.05),
            (x + s * 0.085, y0 - 0.05),
            (x + s * 0.060, y0 + 0.2),
            (x + s * 0.035, y1 - 0.05),
            (x + s * 0.045, y1 + 0.14),
            (x - s * 0.05, y1 + 0.14),
        ]);
    }
    let linen = hex(0xd8_cbb8);
    plane.stencil(&cloth.done(), |at, m| {
        let fold = 0.72 + 0.28 * (at.x * 190.0 + 2.0 * (at.y * 5.0).sin()).sin();
        (linen * (lit(at.x, at.y) * 0.62 + light.sky[2] * 0.14) * fold, m * 0.97)
    });
}

/// A picture or two on the wall behind the subject.
fn pictures(scene: &Scene, plane: &mut super::canvas::Plane, lit: &(impl Fn(f32, f32) -> Rgb + Sync)) {
    let mut dice = scene.dice(105);
    let [x0, .., x1, _] = pane(scene);
    let right = scene.mark > x0.midpoint(x1);
    let grain = scene.grain;
    let mut at = if right { x1 + 0.17 } else { x0 - 0.17 };
    for k in 0..2u32 {
        let (w, h) = (dice.range(0.10, 0.17), dice.range(0.13, 0.20));
        let l = if right { at } else { at - w };
        let top = 0.27 + dice.range(-0.04, 0.04);
        if l < scene.view.left() || l + w > scene.view.right() {
            return;
        }
        let tones =
            [(hex(0xd8_c0a0), hex(0x7a_4a38)), (hex(0xa8_c0c8), hex(0x2c_4a50)), (hex(0xe0_b090), hex(0x4a_3050))]
                [dice.below(3)];
        for (inset, part) in [(-0.012f32, 0), (0.0, 1), (0.016, 2)] {
            let mut frame = Sketch::new(plane);
            frame.rect(l + inset, top + inset, l + w - inset, top + h - inset);
            plane.stencil(&frame.done(), |p, m| {
                let hill = top + h * (0.45 + 0.3 * fbm(p.x * 16.0, k as f32, grain + 50 + k, 3, 0.5));
                let art = if p.y > hill { tones.1 } else { tones.0 };
                let c = [hex(0x3a_2a1e), hex(0xec_e6da), art][part];
                (c * lit(p.x, p.y), m)
            });
        }
        at += (w + 0.05) * if right { 1.0 } else { -1.0 };
    }
}

fn pendant(scene: &Scene, plane: &mut super::canvas::Plane) {
    let x = scene.mark;
    let mut cord = Sketch::new(plane);
    cord.rect(x - 0.0012, -0.3, x + 0.0012, 0.12);
    cord.body(&[(x - 0.012, 0.115), (x + 0.012, 0.115), (x + 0.062, 0.170), (x, 0.176), (x - 0.062, 0.170)]);
    plane.stencil(&cord.done(), |_, m| (hex(0x2c_2018), m));
    plane.spark(x, 0.178, 0.020, hex(0xff_e2ae) * 2.4);
    plane.spark(x, 0.19, 0.075, hex(0xff_b868) * 0.5);
}

/// The window's light on the wall, with the shadow of leaves that stir.
fn patch(scene: &mut Scene, edge: f32) {
    let light = scene.light.clone();
    let view = scene.view;
    let [x0, _, x1, _] = pane(scene);
    let mut dice = scene.dice(102);
    let mut plane = scene.plane(2);
    let lean = dice.range(0.25, 0.42);
    let w = (x1 - x0) / 2.0;
    let mut glass = Sketch::new(&plane);
    for i in 0..2 {
        for j in 0..3 {
            let (px, py) = (x0 + i as f32 * w, 0.12 + j as f32 * 0.182);
            let at = |x: f32, y: f32| (x, y + (x - x0) * lean);
            glass.poly(&[at(px, py), at(px + w * 0.90, py), at(px + w * 0.90, py + 0.160), at(px, py + 0.160)]);
        }
    }
    let mut leaf = Sketch::new(&plane);
    let (bx, by) = (x0 - 0.08, 0.86);
    for i in 0..22 {
        let t = i as f32 / 21.0;
        let (cx, cy) = (bx + 0.32 * t, by - 0.66 * t + 0.05 * (t * 6.0).sin());
        for q in [1.0f32, -1.0] {
            let a = -0.75 + q * (0.95 - 0.25 * t);
            let l = 0.15 * (1.0 - 0.45 * t);
            let (ex, ey) = (cx + a.cos() * l, cy + a.sin() * l);
            let (nx, ny) = (-a.sin() * 0.017, a.cos() * 0.017);
            let (mx, my) = (cx.midpoint(ex), cy.midpoint(ey));
            leaf.poly(&[(cx, cy), (mx + nx, my + ny), (ex, ey), (mx - nx, my - ny)]);
        }
    }
    let (glass, leaf) = (glass.done(), leaf.done());
    let wide = plane.wide;
    let soft = |mask: &[u8], i: usize, j: usize| {
        let mut sum = 0u32;
        for dj in 0..5 {
            for di in 0..5 {
                let (i, j) =
                    ((i + di).saturating_sub(2).min(wide - 1), (j + dj).saturating_sub(2).min(mask.len() / wide - 1));
                sum += u32::from(mask[j * wide + i]);
            }
        }
        sum as f32 / (25.0 * 255.0)
    };
    let tone = if light.moon { light.key * 0.9 } else { (light.key + light.fill * 0.2) * 0.72 };
    plane.light(0.0, edge, false, |at| {
        let m = soft(&glass, at.i, at.j);
        let bloom = 0.06 * glow(at.x - x0.midpoint(x1), at.y - 0.42, 0.34);
        if m <= 0.0 && bloom < 0.0001 {
            return Rgb::BLACK;
        }
        let shade = 1.0 - 0.85 * soft(&leaf, at.i, at.j);
        tone * (m * shade * (1.0 - 0.25 * (at.x / view.aspect)) + bloom)
    });
    let layer = scene.push(plane, 0.12, Blend::Add);
    layer.sway = 0.0015;
}

/// Light falling in from the window through the air of the room.
fn shaft(scene: &mut Scene, edge: f32) {
    let light = scene.light.clone();
    let [x0, y0, x1, y1] = pane(scene);
    let side = if scene.mark > scene.view.aspect * 0.5 { 1.0 } else { -1.0 };
    let grain = scene.grain;
    let power = 0.10 * light.key.luma().sqrt() + 0.02;
    let mut plane = scene.plane(2);
    plane.light(y0, edge + 0.2, false, |at| {
        let t = (at.y - y0).max(0.0);
        let (l, r) = (x0 + side * t * 0.55, x1 + side * t * 0.62);
        let k = smooth(l - 0.02, l + 0.03, at.x)
            * smooth(r + 0.02, r - 0.03, at.x)
            * smooth(y0, y1, at.y)
            * smooth(edge + 0.2, y1, at.y);
        let dust = 0.6 + 0.8 * fbm(at.x * 4.0, at.y * 4.0, grain + 40, 4, 0.5);
        light.sky[3].mix(light.halo, 0.4) * (k * dust * power)
    });
    let layer = scene.push(plane, 0.25, Blend::Add);
    layer.sway = 0.003;
}

/// Floorboards, or the top of a table.
fn ground(scene: &mut Scene, edge: f32, table: bool) {
    let (grain, view, light) = (scene.grain, scene.view, scene.light.clone());
    let lit = inside(scene, light.lamps > 0.5);
    let mut dice = scene.dice(103);
    let wood = [hex(0x6b_4128), hex(0x8a_6440), hex(0x4a_3226)][dice.below(3)];
    let vx = view.aspect * 0.5;
    let [x0, _, x1, _] = pane(scene);
    let pool = x0.midpoint(x1);
    let mut plane = scene.plane(1);
    plane.cover(edge, view.bottom(), |at| {
        let d = (at.y - edge).max(0.0);
        let a = (d * view.scale + 0.5).clamp(0.0, 1.0);
        let z = 0.30 / (d + 0.16);
        let across = (at.x - vx) * z;
        let (grainy, seam) = if table {
            (fbm(at.x * 3.0, at.y * 60.0, grain + 620, 5, 0.5), 1.0)
        } else {
            let board = (across * 6.0).floor();
            let gap = (across * 6.0 - board).min(1.0);
            let tone = fbm(board * 7.3, 0.0, grain + 8, 1, 0.5);
            (
                0.55 * fbm(across * 30.0, z * 5.0 + board, grain + 621, 4, 0.5) + 0.45 * tone,
                if gap < 0.035 { 0.6 } else { 1.0 },
            )
        };
        let mut c = wood * (0.45 + 0.95 * grainy) * seam * lit(at.x, at.y * 0.6);
        let shine = glow(at.x - pool, (d - 0.06) * 2.2, 0.30);
        c = c + (light.sky[3] * 0.10 + light.halo * 0.05) * shine * (0.5 + grainy);
        let skirt = if table { 0.0 } else { fast_exp(-d * 60.0) * 0.5 };
        (c * (1.0 - skirt), a)
    });
    if !table {
        let mut board = Sketch::new(&plane);
        board.rect(view.left() - 0.1, edge - 0.026, view.right() + 0.1, edge + 0.002);
        plane.stencil(&board.done(), |at, m| {
            (hex(0xd8_d0c4) * lit(at.x, at.y) * lerp(0.75, 0.5, (edge - at.y) / 0.026), m)
        });
    }
    scene.push(plane, 0.34, Blend::Over);
}

/// A dark leafy plant at the edge of the frame, out of focus.
fn foreground(scene: &mut Scene) {
    let mut dice = scene.dice(104);
    if dice.chance(0.35) {
        return;
    }
    let view = scene.view;
    let side = if scene.mark > view.aspect * 0.5 { 0.0 } else { view.aspect };
    let turn = if side > 0.0 { -1.0f32 } else { 1.0 };
    let mut plane = scene.plane(4);
    let mut leaf = Sketch::new(&plane);
    for i in 0..13 {
        let a = -1.57 + turn * (0.05 + 0.105 * i as f32) + dice.range(-0.08, 0.08);
        let l = dice.range(0.22, 0.40);
        let root: Point = (side - turn * 0.06, view.bottom() + 0.02);
        let tip = (root.0 + a.cos() * l, root.1 + a.sin() * l * 1.15);
        let (nx, ny) = (-a.sin() * 0.026, a.cos() * 0.026);
        let mid = (lerp(root.0, tip.0, 0.6), lerp(root.1, tip.1, 0.6) - 0.02);
        leaf.body(&[root, (mid.0 + nx, mid.1 + ny), tip, (mid.0 - nx, mid.1 - ny)]);
    }
    let light = scene.light.clone();
    let c = light.lit(hex(0x2a_3a26), 0.12) * 0.42;
    plane.stencil(&leaf.done(), |_, m| (c, m * 0.96));
    let layer = scene.push(plane, 0.85, Blend::Over);
    layer.sway = 0.004;
}
