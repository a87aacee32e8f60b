/** Template fields: status, quality, category and components of a message template. */
import type { Notice } from "./inbound-notice";
import { compact, idOf, type JsonObject, listOf, millisecondsOf, objectOf, textOf } from "./json-value";

const templateRef = (value: JsonObject) => ({
  templateId: idOf(value.message_template_id),
  templateName: idOf(value.message_template_name),
  // Written as en-US or en_US; the Graph API takes the second form.
  language: idOf(value.message_template_language)?.replace("-", "_"),
});

const quality = (value: JsonObject): Notice => ({
  name: "template:quality",
  payload: compact({
    ...templateRef(value),
    previous: textOf(value.previous_quality_score),
    current: textOf(value.new_quality_score),
  }),
});

export const templateReaders: Record<string, (value: JsonObject) => Notice> = {
  message_template_status_update: (value) => {
    // Some apps receive quality news under this field's name.
    if (value.event === undefined && value.new_quality_score !== undefined) return quality(value);
    const rejection = objectOf(value.rejection_info);
    const other = objectOf(value.other_info);
    const reason = textOf(value.reason);
    return {
      name: "template:status",
      payload: compact({
        ...templateRef(value),
        event: textOf(value.event),
        category: textOf(value.message_template_category),
        reason: reason && reason !== "NONE" ? reason : textOf(rejection?.reason),
        disabledAt: textOf(objectOf(value.disable_info)?.disable_date),
        title: textOf(other?.title),
        description: textOf(other?.description),
        recommendation: textOf(rejection?.recommendation),
      }),
    };
  },
  message_template_quality_update: quality,
  template_category_update: (value) => ({
    name: "template:category",
    payload: compact({
      ...templateRef(value),
      previous: textOf(value.previous_category),
      current: textOf(value.new_category),
      correct: textOf(value.correct_category),
      changesAt: millisecondsOf(value.category_update_timestamp),
    }),
  }),
  template_correct_category_detection: (value) => ({
    name: "template:category",
    payload: compact({
      ...templateRef(value),
      current: textOf(value.category) ?? textOf(value.new_category),
      correct: textOf(value.correct_category),
    }),
  }),
  message_template_components_update: (value) => ({
    name: "template:components",
    payload: compact({
      ...templateRef(value),
      title: textOf(value.message_template_title),
      body: textOf(value.message_template_element),
      footer: textOf(value.message_template_footer),
      buttons: listOf(value.message_template_buttons).flatMap((item) => {
        const button = objectOf(item);
        if (!button) return [];
        return [
          compact({
            type: textOf(button.message_template_button_type),
            text: textOf(button.message_template_button_text),
            url: textOf(button.message_template_button_url),
            phoneNumber: textOf(button.message_template_button_phone_number),
          }),
        ];
      }),
    }),
  }),
};
