;; What an update does to each parameter after its gradient is known, in one pass over memory: ONNX Runtime would make
;; a pass for each of a dozen operators. Four float32 at a time; the last one to three one by one, with the same
;; operations in the same order, so that an element's result does not depend on where it lies.
;; `npm run generate` compiles this into ../../generated/parameter-kernels.ts.
(module
  (import "host" "memory" (memory 1))

  ;; Adam (Kingma and Ba, 2015) as PyTorch computes it, epsilon after the bias-corrected root:
  ;;   m ← beta1·m + (1−beta1)·g     v ← beta2·v + (1−beta2)·g²
  ;;   p ← p − lr/(1−beta1ᵗ) · m / (√v/√(1−beta2ᵗ) + ε), here with numerator and denominator times √(1−beta2ᵗ)
  ;; Moments not larger than $negligible become zero: left to decay they would become denormal, and slow.
  ;; Pointers are byte offsets, $count is in elements.
  (func (export "adam")
    (param $p i32) (param $m i32) (param $v i32) (param $g i32) (param $count i32)
    (param $beta1 f32) (param $rest1 f32) (param $beta2 f32) (param $rest2 f32)
    (param $stepSize f32) (param $epsilon f32) (param $negligible f32)
    (local $end i32) (local $endOfFours i32)
    (local $gs v128) (local $ms v128) (local $vs v128) (local $g1 f32) (local $m1 f32) (local $v1 f32)
    (local $beta1s v128) (local $rest1s v128) (local $beta2s v128) (local $rest2s v128)
    (local $stepSizes v128) (local $epsilons v128) (local $negligibles v128)
    (local.set $beta1s (f32x4.splat (local.get $beta1)))
    (local.set $rest1s (f32x4.splat (local.get $rest1)))
    (local.set $beta2s (f32x4.splat (local.get $beta2)))
    (local.set $rest2s (f32x4.splat (local.get $rest2)))
    (local.set $stepSizes (f32x4.splat (local.get $stepSize)))
    (local.set $epsilons (f32x4.splat (local.get $epsilon)))
    (local.set $negligibles (f32x4.splat (local.get $negligible)))
    (local.set $end (i32.add (local.get $p) (i32.shl (local.get $count) (i32.const 2))))
    (local.set $endOfFours
      (i32.add (local.get $p) (i32.shl (i32.and (local.get $count) (i32.const -4)) (i32.const 2))))
    (block $noFours
      (br_if $noFours (i32.ge_u (local.get $p) (local.get $endOfFours)))
      (loop $fours
        (local.set $gs (v128.load (local.get $g)))
        (local.set $ms
          (f32x4.add
            (f32x4.mul (v128.load (local.get $m)) (local.get $beta1s))
            (f32x4.mul (local.get $gs) (local.get $rest1s))))
        (local.set $vs
          (f32x4.add
            (f32x4.mul (v128.load (local.get $v)) (local.get $beta2s))
            (f32x4.mul (f32x4.mul (local.get $gs) (local.get $gs)) (local.get $rest2s))))
        ;; "not ≤", so that a NaN stays one.
        (local.set $ms (v128.andnot (local.get $ms) (f32x4.le (f32x4.abs (local.get $ms)) (local.get $negligibles))))
        (local.set $vs (v128.andnot (local.get $vs) (f32x4.le (local.get $vs) (local.get $negligibles))))
        (v128.store (local.get $m) (local.get $ms))
        (v128.store (local.get $v) (local.get $vs))
        (v128.store (local.get $p)
          (f32x4.sub
            (v128.load (local.get $p))
            (f32x4.mul
              (f32x4.div (local.get $ms) (f32x4.add (f32x4.sqrt (local.get $vs)) (local.get $epsilons)))
              (local.get $stepSizes))))
        (local.set $p (i32.add (local.get $p) (i32.const 16)))
        (local.set $m (i32.add (local.get $m) (i32.const 16)))
        (local.set $v (i32.add (local.get $v) (i32.const 16)))
        (local.set $g (i32.add (local.get $g) (i32.const 16)))
        (br_if $fours (i32.lt_u (local.get $p) (local.get $endOfFours)))))
    (block $done
      (loop $ones
        (br_if $done (i32.ge_u (local.get $p) (local.get $end)))
        (local.set $g1 (f32.load (local.get $g)))
        (local.set $m1
          (f32.add
            (f32.mul (f32.load (local.get $m)) (local.get $beta1))
            (f32.mul (local.get $g1) (local.get $rest1))))
        (local.set $v1
          (f32.add
            (f32.mul (f32.load (local.get $v)) (local.get $beta2))
            (f32.mul (f32.mul (local.get $g1) (local.get $g1)) (local.get $rest2))))
        (if (f32.le (f32.abs (local.get $m1)) (local.get $negligible)) (then (local.set $m1 (f32.const 0))))
        (if (f32.le (local.get $v1) (local.get $negligible)) (then (local.set $v1 (f32.const 0))))
        (f32.store (local.get $m) (local.get $m1))
        (f32.store (local.get $v) (local.get $v1))
        (f32.store (local.get $p)
          (f32.sub
            (f32.load (local.get $p))
            (f32.mul
              (f32.div (local.get $m1) (f32.add (f32.sqrt (local.get $v1)) (local.get $epsilon)))
              (local.get $stepSize))))
        (local.set $p (i32.add (local.get $p) (i32.const 4)))
        (local.set $m (i32.add (local.get $m) (i32.const 4)))
        (local.set $v (i32.add (local.get $v) (i32.const 4)))
        (local.set $g (i32.add (local.get $g) (i32.const 4)))
        (br $ones))))

  ;; x ← a·x + b·y, element by element: a target that follows, with 1−tau and tau.
  (func (export "blend")
    (param $x i32) (param $y i32) (param $count i32) (param $a f32) (param $b f32)
    (local $end i32) (local $endOfFours i32) (local $as v128) (local $bs v128)
    (local.set $as (f32x4.splat (local.get $a)))
    (local.set $bs (f32x4.splat (local.get $b)))
    (local.set $end (i32.add (local.get $x) (i32.shl (local.get $count) (i32.const 2))))
    (local.set $endOfFours
      (i32.add (local.get $x) (i32.shl (i32.and (local.get $count) (i32.const -4)) (i32.const 2))))
    (block $noFours
      (br_if $noFours (i32.ge_u (local.get $x) (local.get $endOfFours)))
      (loop $fours
        (v128.store (local.get $x)
          (f32x4.add
            (f32x4.mul (v128.load (local.get $x)) (local.get $as))
            (f32x4.mul (v128.load (local.get $y)) (local.get $bs))))
        (local.set $x (i32.add (local.get $x) (i32.const 16)))
        (local.set $y (i32.add (local.get $y) (i32.const 16)))
        (br_if $fours (i32.lt_u (local.get $x) (local.get $endOfFours)))))
    (block $done
      (loop $ones
        (br_if $done (i32.ge_u (local.get $x) (local.get $end)))
        (f32.store (local.get $x)
          (f32.add
            (f32.mul (f32.load (local.get $x)) (local.get $a))
            (f32.mul (f32.load (local.get $y)) (local.get $b))))
        (local.set $x (i32.add (local.get $x) (i32.const 4)))
        (local.set $y (i32.add (local.get $y) (i32.const 4)))
        (br $ones)))))
