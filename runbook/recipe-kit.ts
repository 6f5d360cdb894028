/** What a recipe of others is given: everything that the recipes of nakat are made of, in one place. `docs/recipes.md` is its page. */
import { z } from 'zod';
import * as pieces from './plan/common.ts';
import { watch } from './plan/watch.ts';
import { inMaintenance, resolver } from './plan/resolve.ts';
import { defineRecipe, PlanMistakeAt, slug, stage, step } from './recipe.ts';
import { stepCatalogue } from './steps/index.ts';
import * as targets from './targets/index.ts';

export const recipeKit = {
  /** zod, in which plans are described. */
  z,
  defineRecipe,
  /** `step('backUpDatabase', { database }, { undoes, uses, … })` */
  step,
  stage,
  slug,
  /** Pieces of plans with their defaults: `pieces.machine`, `pieces.database`, `pieces.approval`, `pieces.duration` … */
  pieces: { ...pieces, watch },
  /** Entries of a plan → whole targets: `resolver(plan.machines).database(plan.database, ['database'])`. */
  resolver,
  inMaintenance,
  /** What steps act on, without defaults. */
  targets,
  stepCatalogue,
  /** `throw new PlanMistakeAt(['update', 'folder'], '…')`: a mistake of the plan, shown with line and column. */
  PlanMistakeAt,
};

export type RecipeKit = typeof recipeKit;
