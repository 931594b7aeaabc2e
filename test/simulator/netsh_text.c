#include "netsh_text.h"

#include <stddef.h>
#include <string.h>

/* English stands first: it is also the answer for a language that is not here. */
static const netsh_text_t texts[] = {
    {
        .language = "en",
        .excluded_title = "Protocol %s Port Exclusion Ranges",
        .excluded_columns = "Start Port    End Port      \n----------    --------      \n",
        .excluded_footer = "* - Administered port exclusions.",
        .dynamic_title = "Protocol %s Dynamic Port Range",
        .dynamic_start = "Start Port      : ",
        .dynamic_count = "Number of Ports : ",
    },
    {
        .language = "de",
        .excluded_title = "Portausschlussbereiche für das Protokoll \"%s\"",
        .excluded_columns = "Startport      Endport\n----------    --------\n",
        .excluded_footer = "* - Verwaltete Portausschlüsse.",
        .dynamic_title = "Dynamischer Portbereich für das Protokoll \"%s\"",
        .dynamic_start = "Startport       : ",
        .dynamic_count = "Anzahl von Ports: ",
    },
    {
        .language = "fr",
        .excluded_title = "Protocole %s Plages d'exclusion de ports",
        .excluded_columns = "Port de début    Port de fin\n-------------    -----------\n",
        .excluded_footer = "* - Exclusions de ports administrés.",
        .dynamic_title = "Protocole %s Plage de ports dynamique",
        .dynamic_start = "Port de démarrage   : ",
        .dynamic_count = "Nombre de ports     : ",
    },
    {
        .language = "es",
        .excluded_title = "Protocolo %s Intervalos de exclusión de puertos",
        .excluded_columns = "Puerto de inicio    Puerto final\n----------          --------\n",
        .excluded_footer = "* - Administered port exclusions.", /* Not translated on a Spanish Windows. */
        .dynamic_title = "Protocolo %s Intervalo de puertos dinámicos",
        .dynamic_start = "Puerto de inicio   : ",
        .dynamic_count = "Número de puertos  : ",
    },
    {
        .language = "ru",
        .excluded_title = "Протокол %s Диапазоны исключения портов",
        .excluded_columns = "Начальный порт    Конечный порт\n----------    --------\n",
        .excluded_footer = "* - Управляемые исключения портов.",
        .dynamic_title = "Протокол %s Динамический диапазон портов",
        .dynamic_start = "Начальный порт      : ",
        .dynamic_count = "Число портов : ",
    },
    {
        .language = "ko",
        .excluded_title = "프로토콜 %s 포트 제외 범위",
        .excluded_columns = "시작 포트    끝 포트\n----------    --------\n",
        .excluded_footer = "* - 관리 포트 제외입니다.",
        .dynamic_title = "프로토콜 %s 동적 포트 범위",
        .dynamic_start = "시작 포트      : ",
        .dynamic_count = "포트 수 : ",
    },
    {
        .language = "zh-CN",
        .excluded_title = "协议 %s 端口排除范围",
        .excluded_columns = "开始端口    结束端口\n----------    --------\n",
        .excluded_footer = "* - 管理的端口排除。",
        .dynamic_title = "协议 %s 动态端口范围",
        .dynamic_start = "启动端口        : ",
        .dynamic_count = "端口数          : ",
    },
};

const netsh_text_t *netsh_text(const char *language) {
  for (size_t index = 0; index < sizeof texts / sizeof *texts; index++) {
    if (strcmp(texts[index].language, language) == 0) {
      return &texts[index];
    }
  }
  return &texts[0];
}
