/**
 * The script that asks an infobase from inside: JScript for the Windows Script Host, through 1C's COM connector, the way of the
 * updater that 1C's standard subsystems ship (1c-syntax/ssl_3_1, templates of УстановкаОбновлений). The connector has to be of the
 * server's own platform version. JScript is ECMAScript 3: no JSON, no array methods; so the answer is written by hand.
 * Names of 1C are Russian, since the modules of a configuration have no others; everything outside ASCII is written as \uXXXX,
 * so that neither script nor answer depends on a code page. The password comes by a variable of the environment.
 */
import type { OnecQuestion } from '../../runbook/targets/index.ts';

/** What is asked or done, in this order, in one connection. Each gives one answer. */
export type Ask =
  /** Name, vendor and version of the database's configuration; whether the main one differs from it. */
  | { readonly do: 'configuration' }
  /** Handlers pending; version of the data; state of the deferred ones (empty: done). */
  | { readonly do: 'data' }
  | { readonly do: 'question'; readonly question: OnecQuestion }
  | { readonly do: 'jobs' }
  | { readonly do: 'setJobs'; readonly jobs: readonly { readonly id: string; readonly use: boolean }[] }
  /** Names of scheduled jobs that run at this moment. */
  | { readonly do: 'running' }
  | { readonly do: 'extension'; readonly name: string }
  | {
      readonly do: 'flags';
      readonly name: string;
      readonly safeMode: boolean;
      readonly unsafeActionProtection: boolean;
    }
  /** What the event log calls errors, of the last so many seconds, the oldest first. */
  | { readonly do: 'errors'; readonly seconds: number }
  /** Local time of that machine: `2026-05-01T22:15:00`. */
  | { readonly do: 'now' }
  | { readonly do: 'file'; readonly path: string; readonly kind: 'cf' | 'cfu' };

export interface Request {
  /** Without the password. */
  readonly connection: string;
  /** Name of the variable that holds the password; empty: none. */
  readonly password: string;
  readonly answer: string;
  readonly asks: readonly Ask[];
}

const ascii = (text: string): string =>
  text.replace(/[^\x20-\x7e\n]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

export const insideScript = (request: Request): string => ascii(`var request = ${JSON.stringify(request)};\n${body}`);

const body = String.raw`
function text(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? "true" : "false";
  return typeof value === "string" ? value : String(value);
}
function quoted(value) {
  var source = text(value), out = "", i, code;
  for (i = 0; i < source.length; i++) {
    code = source.charCodeAt(i);
    if (code >= 32 && code < 127 && code !== 34 && code !== 92) out += source.charAt(i);
    else out += "\\u" + ("000" + code.toString(16)).slice(-4);
  }
  return '"' + out + '"';
}
function written(value) {
  var parts = [], i;
  if (value === null || value === undefined) return "null";
  if (typeof value === "boolean" || typeof value === "number") return String(value);
  if (typeof value === "string") return quoted(value);
  if (value instanceof Array) {
    for (i = 0; i < value.length; i++) parts.push(written(value[i]));
    return "[" + parts.join(",") + "]";
  }
  for (i in value) parts.push(quoted(i) + ":" + written(value[i]));
  return "{" + parts.join(",") + "}";
}
function list(collection) {
  var result = [], i, count = collection["Количество"]();
  for (i = 0; i < count; i++) result.push(collection["Получить"](i));
  return result;
}
function call(ib, module, name, values) {
  var target = ib[module];
  if (values.length === 0) return target[name]();
  if (values.length === 1) return target[name](values[0]);
  if (values.length === 2) return target[name](values[0], values[1]);
  if (values.length === 3) return target[name](values[0], values[1], values[2]);
  throw new Error("more than three arguments");
}
function extension(ib, name) {
  var found = list(ib["РасширенияКонфигурации"]["Получить"](ib.NewObject("Структура", "Имя", name)));
  return found.length === 0 ? null : found[0];
}
function stamp(at) {
  var two = function (number) { return ("0" + number).slice(-2); };
  return at.getFullYear() + "-" + two(at.getMonth() + 1) + "-" + two(at.getDate()) + "T" + two(at.getHours()) + ":" + two(at.getMinutes()) + ":" + two(at.getSeconds());
}
function named(one) {
  return { name: text(one["Имя"]), vendor: text(one["Поставщик"]), version: text(one["Версия"]) };
}
var acts = {
  configuration: function (ib) {
    var result = named(ib["Метаданные"]);
    result.changed = ib["КонфигурацияИзменена"]();
    return result;
  },
  data: function (ib) {
    var update = ib["ОбновлениеИнформационнойБазы"];
    return {
      pending: update["НеобходимоОбновлениеИнформационнойБазы"](),
      version: text(update["ВерсияИБ"](ib["Метаданные"]["Имя"])),
      deferred: text(update["СтатусОтложенногоОбновления"]())
    };
  },
  question: function (ib, ask) {
    var question = ask.question, query, rows;
    if (question.kind === "constant") return text(ib["Константы"][question.name]["Получить"]());
    if (question.kind === "function") return text(call(ib, question.module, question.name, question.arguments));
    query = ib.NewObject("Запрос");
    query["Текст"] = question.text;
    rows = query["Выполнить"]()["Выгрузить"]();
    return rows["Количество"]() === 0 ? "" : text(rows["Получить"](0)["Получить"](0));
  },
  jobs: function (ib) {
    var all = list(ib["РегламентныеЗадания"]["ПолучитьРегламентныеЗадания"]()), result = [], i;
    for (i = 0; i < all.length; i++)
      result.push({ name: text(all[i]["Метаданные"]["Имя"]), id: text(ib.String(all[i]["УникальныйИдентификатор"])), use: all[i]["Использование"] });
    return result;
  },
  setJobs: function (ib, ask) {
    var all = list(ib["РегламентныеЗадания"]["ПолучитьРегламентныеЗадания"]()), set = 0, i, j;
    for (i = 0; i < all.length; i++)
      for (j = 0; j < ask.jobs.length; j++)
        if (text(ib.String(all[i]["УникальныйИдентификатор"])) === ask.jobs[j].id) {
          all[i]["Использование"] = ask.jobs[j].use;
          all[i]["Записать"]();
          set++;
        }
    return set;
  },
  running: function (ib) {
    var filter = ib.NewObject("Структура", "Состояние", ib["СостояниеФоновогоЗадания"]["Активно"]);
    var all = list(ib["ФоновыеЗадания"]["ПолучитьФоновыеЗадания"](filter)), result = [], i, job;
    for (i = 0; i < all.length; i++) {
      job = all[i]["РегламентноеЗадание"];
      if (job !== null && job !== undefined) result.push(text(job["Метаданные"]["Имя"]));
    }
    return result;
  },
  extension: function (ib, ask) {
    var found = extension(ib, ask.name);
    if (found === null) return null;
    return {
      version: text(found["Версия"]),
      active: found["Активно"],
      safeMode: text(found["БезопасныйРежим"]) !== "false",
      unsafeActionProtection: found["ЗащитаОтОпасныхДействий"]["ПредупреждатьОбОпасныхДействиях"],
      hash: text(ib["Base64Строка"](found["ХешСумма"]))
    };
  },
  flags: function (ib, ask) {
    var found = extension(ib, ask.name), protection;
    if (found === null) return false;
    protection = ib.NewObject("ОписаниеЗащитыОтОпасныхДействий");
    protection["ПредупреждатьОбОпасныхДействиях"] = ask.unsafeActionProtection;
    found["БезопасныйРежим"] = ask.safeMode;
    found["ЗащитаОтОпасныхДействий"] = protection;
    found["Записать"]();
    return true;
  },
  errors: function (ib, ask) {
    var filter = ib.NewObject("Структура"), table = ib.NewObject("ТаблицаЗначений"), result = [], rows, i;
    filter["Вставить"]("Уровень", ib["УровеньЖурналаРегистрации"]["Ошибка"]);
    filter["Вставить"]("ДатаНачала", new Date(new Date().getTime() - ask.seconds * 1000).getVarDate());
    ib["ВыгрузитьЖурналРегистрации"](table, filter, "Дата,Событие,Комментарий");
    rows = list(table);
    for (i = 0; i < rows.length; i++)
      result.push(stamp(new Date(rows[i]["Дата"])) + " " + text(rows[i]["Событие"]) + ": " + text(rows[i]["Комментарий"]));
    return result;
  },
  now: function () { return stamp(new Date()); },
  file: function (ib, ask) {
    var data = ib.NewObject("ДвоичныеДанные", ask.path), update, sources, from = [], target = null, i;
    if (ask.kind === "cf") {
      target = named(ib.NewObject("ОписаниеКонфигурации", data));
      return { target: target, from: null };
    }
    update = ib.NewObject("ОписаниеОбновленияКонфигурации", data);
    sources = list(update["ИсходныеКонфигурации"]);
    for (i = 0; i < sources.length; i++) from.push(named(sources[i]));
    try { target = named(update["ЦелеваяКонфигурация"]); } catch (missing) {}
    return { target: target, from: from };
  }
};
function work() {
  var shell = new ActiveXObject("WScript.Shell"), connection = request.connection, results = [], ib, i;
  if (request.password !== "")
    connection += 'Pwd="' + shell.Environment("PROCESS").Item(request.password).replace(/"/g, '""') + '";';
  ib = new ActiveXObject("V83.COMConnector").Connect(connection);
  for (i = 0; i < request.asks.length; i++) results.push(acts[request.asks[i]["do"]](ib, request.asks[i]));
  return { results: results };
}
var answer, file;
try { answer = work(); } catch (error) { answer = { error: text(error.message || error.description || error) }; }
file = new ActiveXObject("Scripting.FileSystemObject").CreateTextFile(request.answer, true, false);
file.Write(written(answer));
file.Close();
`;
