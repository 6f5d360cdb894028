import { defineErrors } from './define.ts';

export const planErrors = defineErrors({
  PLAN_NOT_FOUND: {
    what: { en: 'Cannot read the plan {file}', ru: 'Не удаётся прочитать план {file}' },
    todo: {
      en: 'Nothing was changed. Check the path; `nakat init` writes a new plan.',
      ru: 'Ничего не изменено. Проверьте путь; новый план создаёт `nakat init`.',
    },
  },
  PLAN_INVALID: {
    what: { en: 'The plan {file} has mistakes: {count}', ru: 'В плане {file} ошибок: {count}' },
    todo: {
      en: 'Nothing was changed. Each is listed with line and column; mend them all and try again.',
      ru: 'Ничего не изменено. Каждая указана со строкой и столбцом; исправьте все и повторите.',
    },
  },
  RECIPE_FAILED: {
    what: { en: 'The recipe {file} failed', ru: 'Рецепт {file} завершился с ошибкой' },
    todo: {
      en: 'Nothing was changed. The mistake is in the recipe: tell whoever wrote it.',
      ru: 'Ничего не изменено. Ошибка в рецепте: сообщите его автору.',
    },
  },
  RUNBOOK_INVALID: {
    what: { en: 'The runbook breaks a rule: {problems}', ru: 'Сценарий нарушает правило: {problems}' },
    todo: {
      en: 'Nothing was changed. This is a mistake of the recipe, not of your plan: please report it.',
      ru: 'Ничего не изменено. Это ошибка рецепта, а не вашего плана: сообщите о ней.',
    },
  },
});
